extension UnsafeRawBufferPointer {
    func starts(with text: StaticString) -> Bool {
        count >= text.utf8CodeUnitCount && text.withUTF8Buffer { prefix($0.count).elementsEqual($0) }
    }

    func contains(_ text: StaticString) -> Bool { end(of: text) != nil }

    /// The number that follows `text`, which stands at the start or, when asked, anywhere.
    func number(after text: StaticString, anywhere: Bool = false) -> Int? {
        if anywhere { return end(of: text).flatMap { number(at: $0) } }
        return starts(with: text) ? number(at: text.utf8CodeUnitCount) : nil
    }

    func number(afterLast mark: UInt8) -> Int? { lastIndex(of: mark).flatMap { number(at: $0 + 1) } }

    private func number(at start: Int) -> Int? {
        let digits = self[start...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    private func end(of text: StaticString) -> Int? {
        let length = text.utf8CodeUnitCount
        guard count >= length else { return nil }
        return text.withUTF8Buffer { wanted in
            (0...count - length).first { self[$0..<$0 + length].elementsEqual(wanted) }.map { $0 + length }
        }
    }
}
