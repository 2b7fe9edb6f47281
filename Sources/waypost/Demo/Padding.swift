extension String {
    /// With blanks behind it.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - count)) }

    /// With blanks before it.
    func padded(from width: Int) -> String { String(repeating: " ", count: Swift.max(0, width - count)) + self }

    /// No longer than that.
    func clipped(to width: Int) -> String { String(prefix(Swift.max(0, width))) }
}
