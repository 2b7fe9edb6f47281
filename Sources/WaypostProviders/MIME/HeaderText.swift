import WaypostCore

/// Header values as tokens: what may be folded stands between them, as one blank.
enum HeaderText {
    /// A free text, such as a subject. ASCII stays readable where it survives folding as it is.
    static func unstructured(_ text: String) -> [String] {
        let text = withoutControls(text)
        guard survives(text) else { return EncodedWord.encode(text) }
        return text.split(separator: " ").map(String.init)
    }

    /// `Name <address>`; the name as atoms, a quoted string or encoded words (RFC 5322 section 3.4).
    static func mailbox(_ mailbox: Mailbox) -> [String] {
        let address = withoutControls(mailbox.email)
        guard let name = mailbox.name, !name.isEmpty else { return [address] }
        return phrase(name) + ["<\(address)>"]
    }

    /// A list of mailboxes.
    static func mailboxes(_ mailboxes: [Mailbox]) -> [String] {
        var tokens: [String] = []
        for mailbox in mailboxes {
            if let last = tokens.popLast() { tokens.append(last + ",") }
            tokens += Self.mailbox(mailbox)
        }
        return tokens
    }

    private static func phrase(_ name: String) -> [String] {
        let name = withoutControls(name)
        guard survives(name), name.utf8.count <= EncodedWord.longest else { return EncodedWord.encode(name) }
        if name.utf8.allSatisfy({ $0 == 0x20 || isAtom($0) }) { return name.split(separator: " ").map(String.init) }
        let escaped = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return ["\"\(escaped)\""]
    }

    /// Whether a reader gets the text back as it is: printable ASCII, nothing that looks encoded, no blanks that folding or
    /// trimming would eat, no word that no line can hold.
    private static func survives(_ text: String) -> Bool {
        var previous: UInt8 = 0x20
        var run = 0
        for byte in text.utf8 {
            guard (0x20...0x7E).contains(byte), !(byte == 0x20 && previous == 0x20), run < longestWord else {
                return false
            }
            run = byte == 0x20 ? 0 : run + 1
            previous = byte
        }
        return text.isEmpty || previous != 0x20 && !(text.contains("=?") && text.contains("?="))
    }

    /// In octets: a word that is longer can only travel encoded, since a line holds at most 998 (RFC 5322 section 2.1.1).
    static let longestWord = 900

    /// Line breaks were refused when the message was taken in; here they could only be an attack, and become blanks.
    private static func withoutControls(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return text }
        let scalars = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
        return String(String.UnicodeScalarView(scalars))
    }

    /// RFC 5322 section 3.2.3, `atext`.
    private static func isAtom(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
        }
    }
}
