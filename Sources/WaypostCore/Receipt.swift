/// One thing that a provider tells by itself, in our words: what became of a message that it took, or what came in.
package struct Receipt: Equatable, Sendable {
    /// What makes it this one and no other, within its provider: the provider's own id of the event, or what stands for it
    /// (`SM…/delivered`). The same when the provider repeats itself.
    package var id: String
    /// Another name of the same event, where a provider may repeat it under a new id (SendGrid).
    package var alias: String?
    /// Ours, where the provider gives them back.
    package var message: MessageID?
    package var attempt: AttemptID?
    /// The provider's id of the message, where it names it.
    package var reference: String?
    package var channel: Channel
    /// Whom of the attempt's deliveries it is about, in the provider's spelling; nil: all.
    package var address: String?
    package var news: News
    /// The address must not be written to any more, and why.
    package var suppression: Suppression.Reason?
    /// Only for what is not transactional: a list of the provider's own was left (its id stands in `detail`).
    package var sparesTransactional = false
    /// By the provider's clock, where it says; else when it came.
    package var at: Timestamp
    /// The provider's code of it: `30003`, `5.1.1`.
    package var code: String?
    /// In the provider's words, one line, for people; holds no address and no content.
    package var detail: String?
    /// Further facts in the provider's words, kept with the event: `url`, `useragent`, `diagnostic`.
    package var facts: [Message.KeyValue] = []

    /// What happened.
    package enum News: Equatable, Sendable {
        /// The provider has it, and goes on.
        case taken
        /// The provider tries again by itself.
        case deferred
        case delivered
        /// Delivered, and read.
        case read
        case opened
        case clicked
        /// The provider could not deliver it after all. The failure's kind says whether another may try.
        case failed(Failure)
        /// The same of an email that came back.
        case bounced(Failure)
        /// The person called it spam.
        case complained
        /// The person left a list.
        case unsubscribed
        /// The person came back to it: a suppression for the same reason and detail ends.
        case resubscribed
        /// A person wrote to us.
        case inbound(Inbound)
    }

    package init(id: String, channel: Channel, news: News, at: Timestamp) {
        self.id = id
        self.channel = channel
        self.news = news
        self.at = at
    }
}

/// What a person wrote to one of our numbers.
package struct Inbound: Equatable, Sendable {
    /// E.164.
    package var from: String
    /// Ours: E.164 or a short code.
    package var to: String
    package var text: String
    /// Where the provider keeps what was attached.
    package var media: [String] = []
    /// What the text asks for, by the provider's word or our own reading.
    package var keyword: OptKeyword?

    package init(from: String, to: String, text: String) {
        self.from = from
        self.to = to
        self.text = text
    }
}
