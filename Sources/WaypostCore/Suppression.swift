/// An address that is not written to on a channel, whichever provider would carry the message.
package struct Suppression: Equatable, Sendable {
    /// Closed: it labels metrics and fills a column.
    package enum Reason: String, CaseIterable, Sendable {
        /// A mail server said that the mailbox does not exist or takes nothing.
        case hardBounce = "hard_bounce"
        /// The person called a message spam.
        case complaint
        /// The person left a list.
        case unsubscribe
        /// No such number or address, or none that the channel reaches.
        case invalidAddress = "invalid_address"
        /// A device token that its push service has given up.
        case deadToken = "dead_token"
        /// The person told a sender to stop (STOP by SMS).
        case optOut = "opt_out"
        /// A client or an operator said so.
        case manual
    }

    package var channel: Channel
    /// In its normal form; nil where only its look-up value is known.
    package var address: String?
    package var reason: Reason
    /// Who said so: a provider's name, a client's, `import`.
    package var source: String
    /// In words, for people.
    package var detail: String?
    /// Transactional messages may go out all the same: the person left one list, and no more than that.
    package var sparesTransactional: Bool
    package var createdAt: Timestamp
    /// It ends by itself then.
    package var expiresAt: Timestamp?

    package init(
        channel: Channel, address: String?, reason: Reason, source: String, detail: String? = nil,
        sparesTransactional: Bool = false, createdAt: Timestamp, expiresAt: Timestamp? = nil
    ) {
        self.channel = channel
        self.address = address
        self.reason = reason
        self.source = source
        self.detail = detail
        self.sparesTransactional = sparesTransactional
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}
