/// A condition over topics: `'a' in topics && ('b' in topics || !('c' in topics))`, of at most five topics.
/// https://firebase.google.com/docs/cloud-messaging/send-topic-messages
struct FCMCondition {
    private static let maximumTopics = 5
    private static let maximumDepth = 32

    private var rest: Substring.UTF8View
    private var topics = 0
    private var depth = 0

    static func isWellFormed(_ text: String) -> Bool {
        var condition = FCMCondition(rest: Substring(text).utf8)
        guard condition.expression() else { return false }
        condition.skipBlanks()
        return condition.rest.isEmpty && condition.topics <= maximumTopics
    }

    private init(rest: Substring.UTF8View) { self.rest = rest }

    private mutating func expression() -> Bool {
        guard term() else { return false }
        while take("&&") || take("||") {
            guard term() else { return false }
        }
        return true
    }

    private mutating func term() -> Bool {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { return false }
        if take("!") { return term() }
        if take("(") { return expression() && take(")") }
        guard take("'"), let end = rest.firstIndex(of: UInt8(ascii: "'")) else { return false }
        let topic = String(Substring(rest[..<end]))
        rest = rest[rest.index(after: end)...]
        topics += 1
        return FCMMessageCheck.isTopic(topic) && take("in") && take("topics")
    }

    private mutating func skipBlanks() { rest = rest.drop { $0 == 0x20 } }

    /// What comes next, blanks aside.
    private mutating func take(_ word: String) -> Bool {
        skipBlanks()
        guard rest.starts(with: word.utf8) else { return false }
        rest = rest.dropFirst(word.utf8.count)
        return true
    }
}
