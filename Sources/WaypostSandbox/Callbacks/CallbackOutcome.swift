/// What becomes of a message after it was taken, in words that all providers share; each tells it in its own way.
package enum CallbackOutcome: String, CaseIterable, Sendable {
    case delivered
    /// Delayed first, then delivered.
    case deferred
    /// Delivered, then looked at.
    case opened, clicked, read
    /// The address does not exist.
    case bounce
    /// Refused this time, the address being fine: SendGrid's blocked, SES's transient bounce.
    case blocked
    /// Not even tried: SendGrid's dropped (`detail`: the reason), SES's reject or suppressed bounce.
    case dropped
    /// Delivered, then reported as spam.
    case complaint
    /// Delivered, then unsubscribed from: mail, or a text message answered with STOP.
    case unsubscribe
    /// Refused by the carrier; `detail` is Twilio's or MessageBird's code.
    case undelivered
    /// The provider could not send; `detail` likewise.
    case failed
    /// Its time was up.
    case expired
    /// Calls.
    case busy
    case noAnswer = "no_answer"
    /// Nothing is ever told of it.
    case silent
}

/// What is to become of some messages: which ones, and what.
package struct OutcomeRule: Equatable, Sendable {
    package var provider: StandIn
    package var outcome: CallbackOutcome
    /// SendGrid's reason, Twilio's or MessageBird's code; nil: a common one.
    package var detail: String?
    /// The recipient, without case; `*` at its start or end stands for anything. nil: every recipient.
    package var recipient: String?
    /// The part of the matching recipients, above 0 up to 1, chosen by a generator that `seed` fixes.
    package var share = 1.0
    package var seed: UInt64 = 1
    /// Ends after so many; nil: never by count.
    package var count: Int?

    package init(_ provider: StandIn, _ outcome: CallbackOutcome, detail: String? = nil, recipient: String? = nil) {
        self.provider = provider
        self.outcome = outcome
        self.detail = detail
        self.recipient = recipient
    }

    func concerns(_ address: String) -> Bool {
        guard let pattern = recipient?.lowercased() else { return true }
        let address = address.lowercased()
        switch (pattern.hasPrefix("*"), pattern.hasSuffix("*")) {
        case (false, false): return address == pattern
        case (true, false): return address.hasSuffix(pattern.dropFirst())
        case (false, true): return address.hasPrefix(pattern.dropLast())
        case (true, true):
            let middle = pattern.dropFirst().dropLast()
            return middle.isEmpty || address.utf8.contains(run: Array(middle.utf8))
        }
    }

    /// What makes it impossible; nil when it is possible.
    var problem: String? {
        if !(share > 0 && share <= 1) { return "share must be above 0 and at most 1" }
        if let count, count < 1 { return "count must be at least 1" }
        return provider.callsBack ? nil : "\(provider.rawValue) does not call back"
    }
}

/// The outcomes that are set, in order: the first rule that strikes wins, and without one a message is delivered. It draws
/// its chances from the rules' own seeds.
struct OutcomeRules: Sendable {
    struct Entry: Sendable {
        let id: Int
        let rule: OutcomeRule
        fileprivate(set) var strikes = 0
        fileprivate var random: SplitMix64
    }

    /// A hundred; further ones are refused.
    static let maximum = 100

    private(set) var entries: [Entry] = []
    private var lastID = 0

    /// nil when there are too many already.
    mutating func add(_ rule: OutcomeRule) -> Int? {
        guard entries.count < Self.maximum else { return nil }
        lastID += 1
        entries.append(Entry(id: lastID, rule: rule, random: SplitMix64(state: rule.seed)))
        return lastID
    }

    mutating func remove(provider: StandIn? = nil, id: Int? = nil) -> Int {
        let before = entries.count
        entries.removeAll { (provider == nil || $0.rule.provider == provider) && (id == nil || $0.id == id) }
        return before - entries.count
    }

    mutating func outcome(of address: String, at provider: StandIn) -> (CallbackOutcome, detail: String?) {
        for index in entries.indices where entries[index].rule.provider == provider {
            let rule = entries[index].rule
            guard rule.concerns(address), entries[index].strikes < rule.count ?? .max else { continue }
            if rule.share < 1, entries[index].random.unit() >= rule.share { continue }
            entries[index].strikes += 1
            return (rule.outcome, rule.detail)
        }
        return (.delivered, nil)
    }
}

extension StandIn {
    /// Whether the provider tells by itself what became of its messages.
    var callsBack: Bool {
        switch self {
        case .sendgrid, .ses, .twilio, .messagebird: true
        case .smtp, .fcm, .apns: false
        }
    }
}

extension Sequence<UInt8> {
    fileprivate func contains(run: [UInt8]) -> Bool {
        let bytes = Array(self)
        guard !run.isEmpty, run.count <= bytes.count else { return run.isEmpty }
        return (0...bytes.count - run.count).contains { bytes[$0..<$0 + run.count].elementsEqual(run) }
    }
}
