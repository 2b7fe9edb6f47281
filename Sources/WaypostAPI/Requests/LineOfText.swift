/// Text that ends up in one line of something: a header, a log, a table.
enum LineOfText {
    /// Why it is not; nil when it is. Control characters are C0, DEL and C1, and what Unicode breaks lines at.
    static func flaw(in text: String, bytes: ClosedRange<Int>) -> String? {
        let count = text.utf8.count
        if count < bytes.lowerBound {
            return count == 0 ? "must not be empty" : "must be \(bytes.lowerBound) bytes or more"
        }
        if count > bytes.upperBound { return "must be at most \(bytes.upperBound) bytes long in UTF-8" }
        if hasControl(text) { return "must not hold control characters or line breaks" }
        return nil
    }

    private static func hasControl(_ text: String) -> Bool {
        var previous: UInt8 = 0
        var beforeThat: UInt8 = 0
        for byte in text.utf8 {
            if byte < 0x20 || byte == 0x7F { return true }
            // C1 is C2 80…9F; the line and paragraph separators are E2 80 A8 and E2 80 A9.
            if previous == 0xC2, byte < 0xA0 { return true }
            if beforeThat == 0xE2, previous == 0x80, byte == 0xA8 || byte == 0xA9 { return true }
            (beforeThat, previous) = (previous, byte)
        }
        return false
    }
}
