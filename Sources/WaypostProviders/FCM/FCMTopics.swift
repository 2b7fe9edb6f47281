/// The names and conditions by which FCM addresses topics.
///
/// https://firebase.google.com/docs/cloud-messaging/send-topic-messages
enum FCMTopics {
    /// `[a-zA-Z0-9-_.~%]{1,900}`, without the `/topics/` of older interfaces.
    static func isName(_ text: String) -> Bool { (1...900).contains(text.utf8.count) && isWord(text) }

    /// `[a-zA-Z0-9-_.~%]{1,50}`.
    static func isAnalyticsLabel(_ text: String) -> Bool { (1...50).contains(text.utf8.count) && isWord(text) }

    private static let mostTopics = 5

    /// Why FCM would refuse a condition like `'a' in topics && !('b' in topics)`; nil when it would not.
    static func complaint(ofCondition text: String) -> String? {
        var scanner = Scanner(rest: Substring(text).utf8)
        var open = 0
        var topics = 0
        var wantsOperand = true
        scanner.skipBlanks()
        while !scanner.isAtEnd {
            if wantsOperand {
                if scanner.take("(") {
                    open += 1
                } else if !scanner.take("!") {
                    guard let name = scanner.quoted(), isName(name), scanner.take("in"), scanner.take("topics") else {
                        return "the condition is not made of 'topic' in topics, &&, ||, ! and parentheses"
                    }
                    topics += 1
                    wantsOperand = false
                }
            } else if scanner.take(")") {
                open -= 1
                if open < 0 { return "the condition closes a parenthesis that it did not open" }
            } else if scanner.take("&&") || scanner.take("||") {
                wantsOperand = true
            } else {
                return "the condition lacks && or || between two topics"
            }
        }
        if wantsOperand { return "the condition ends too early" }
        if open > 0 { return "the condition does not close a parenthesis" }
        return topics > mostTopics ? "a condition has at most 5 topics" : nil
    }

    private static func isWord(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"), UInt8(ascii: "%"):
                true
            default: false
            }
        }
    }

    private struct Scanner {
        var rest: Substring.UTF8View

        var isAtEnd: Bool { rest.isEmpty }

        mutating func skipBlanks() { rest = rest.drop { $0 == 0x20 || $0 == 0x09 } }

        /// Takes that text and the blanks behind it.
        mutating func take(_ text: StaticString) -> Bool {
            let isNext = text.withUTF8Buffer { rest.starts(with: $0) }
            guard isNext else { return false }
            rest = rest.dropFirst(text.utf8CodeUnitCount)
            skipBlanks()
            return true
        }

        /// Takes `'name'` and the blanks behind it.
        mutating func quoted() -> String? {
            guard rest.first == UInt8(ascii: "'") else { return nil }
            let inner = rest.dropFirst()
            guard let end = inner.firstIndex(of: UInt8(ascii: "'")) else { return nil }
            let name = String(inner[..<end])
            rest = rest[rest.index(after: end)...]
            skipBlanks()
            return name
        }
    }
}
