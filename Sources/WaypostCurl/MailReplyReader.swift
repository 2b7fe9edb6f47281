import WaypostHTTP

/// Cuts what a server says into replies (RFC 5321 section 4.2): `250-first` and `250 last` are one, joined by a space.
///
/// Bounded; a server that talks on without end, or not in SMTP's form, is `.nonsense`.
struct MailReplyReader {
    enum Fault: Error { case nonsense }

    private var line: [UInt8] = []
    private var texts: [String] = []
    private var size = 0
    private static let maxReply = 64 * 1024

    /// Replies completed by `bytes`, each with its lines' texts.
    mutating func feed(_ bytes: some Sequence<UInt8>) throws(Fault) -> [(line: MailReply.Line, texts: [String])] {
        var replies: [(line: MailReply.Line, texts: [String])] = []
        for byte in bytes {
            size += 1
            guard size <= Self.maxReply else { throw .nonsense }
            guard byte == UInt8(ascii: "\n") else {
                line.append(byte)
                continue
            }
            if let code = try endLine() {
                replies.append((MailReply.Line(code: code, text: texts.joined(separator: " ")), texts))
                texts = []
                size = 0
            }
        }
        return replies
    }

    /// The reply's code when the line was its last.
    private mutating func endLine() throws(Fault) -> Int? {
        defer { line = [] }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        let digits = line.prefix(3)
        guard digits.count == 3, let code = Int(String(decoding: digits, as: UTF8.self)), (200...599).contains(code)
        else { throw .nonsense }
        let mark = line.dropFirst(3).first
        guard mark == nil || mark == UInt8(ascii: " ") || mark == UInt8(ascii: "-") else { throw .nonsense }
        texts.append(String(decoding: line.dropFirst(4), as: UTF8.self))
        return mark == UInt8(ascii: "-") ? nil : code
    }
}
