/// How many streams a client may have open on one connection, as SETTINGS tell it. It decides; the session sends.
///
/// APNs begins with one, opens up after the first accepted push and falls back to one after a refusal.
struct StreamLimit: Equatable, Sendable {
    /// What a provider does with the limit.
    struct Rules: Equatable, Sendable {
        /// In the first SETTINGS.
        var first: Int
        /// After an accepted request.
        var usual: Int
        /// Whether 400 and 403 bring it back to `first` (410 is no error to APNs).
        var fallsAfterRefusal = false
    }

    enum Admission: Equatable, Sendable {
        case admitted
        /// To be refused. A violation where the client knew; no fault of its own where SETTINGS crossed its request.
        case refused(isViolation: Bool)
    }

    private let rules: Rules
    /// What a fault has brought the connection down to.
    private var cap = Int.max
    /// As announced last.
    private(set) var current: Int
    /// The greatest that the client may believe in. Before it has read the first SETTINGS: any (RFC 9113 section 6.5.2).
    private var believed = Int.max
    /// Announced and not yet acknowledged, in order.
    private var announced: [Int]

    init(_ rules: Rules) {
        self.rules = rules
        current = rules.first
        announced = [current]
    }

    /// The limit to announce after an answer; nil where it stays.
    mutating func answered(_ status: Int) -> Int? {
        switch status {
        case 200: move(to: rules.usual)
        case 400, 403: rules.fallsAfterRefusal ? move(to: rules.first) : nil
        default: nil
        }
    }

    /// Brings the limit down for as long as the connection lives; nil where it is no higher already.
    mutating func lower(to limit: Int) -> Int? {
        cap = min(cap, limit)
        return move(to: current)
    }

    /// The client has read the oldest announcement.
    mutating func acknowledge() {
        guard !announced.isEmpty else { return }
        believed = announced.removeFirst()
    }

    /// Whether one more stream may open beside so many.
    func admission(beside open: Int) -> Admission {
        guard open >= current else { return .admitted }
        return .refused(isViolation: open >= announced.reduce(believed, max))
    }

    private mutating func move(to limit: Int) -> Int? {
        let limit = min(limit, cap)
        guard limit != current else { return nil }
        current = limit
        announced.append(limit)
        return limit
    }
}
