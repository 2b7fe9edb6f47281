/// One entry of the consent ledger: what a person said about being written to. Entries are added and never changed; the
/// last one for a purpose holds.
package struct Consent: Equatable, Sendable {
    package enum State: String, CaseIterable, Sendable {
        case granted, denied
        /// What was said before counts no more.
        case withdrawn
    }

    package var channel: Channel
    /// In its normal form.
    package var address: String
    package var state: State
    /// What it is about; empty: everything. A message type's name is about messages of that type.
    package var purpose: String
    /// Where it was given: `signup form`, a provider's name for STOP and START.
    package var source: String
    /// What shows that it was given: a link, a form's id, the text that was sent.
    package var proof: String?
    /// When the person said so.
    package var at: Timestamp
    /// When it was entered.
    package var recordedAt: Timestamp
    /// The client that entered it, or the provider.
    package var by: String

    package init(
        channel: Channel, address: String, state: State, purpose: String = "", source: String, proof: String? = nil,
        at: Timestamp, recordedAt: Timestamp, by: String
    ) {
        self.channel = channel
        self.address = address
        self.state = state
        self.purpose = purpose
        self.source = source
        self.proof = proof
        self.at = at
        self.recordedAt = recordedAt
        self.by = by
    }
}

/// What a person can say by answering an SMS with one word (CTIA's messaging principles; twilio.md, "Opt-out").
package enum OptKeyword: String, Sendable {
    case stop, start, help

    private static let stopWords: Set<String> = [
        "stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout",
    ]
    private static let startWords: Set<String> = ["start", "yes", "unstop"]
    private static let helpWords: Set<String> = ["help", "info"]

    /// The whole text must be the word, in any case, blanks around it aside.
    package init?(text: String) {
        let trimmed = text.drop { $0.isWhitespace }
        let word = trimmed[..<(trimmed.lastIndex { !$0.isWhitespace }.map(trimmed.index(after:)) ?? trimmed.startIndex)]
            .lowercased()
        if Self.stopWords.contains(word) {
            self = .stop
        } else if Self.startWords.contains(word) {
            self = .start
        } else if Self.helpWords.contains(word) {
            self = .help
        } else {
            return nil
        }
    }
}
