/// A callback that is not signed yet: times and signatures belong to the post, not to what it tells.
struct Letter: Sendable {
    enum Content: Sendable {
        /// Twilio: a form, in order. By GET it goes into the query.
        case form([(String, String)], isGet: Bool)
        /// MessageBird: all is in the URL's query.
        case query
        /// MessageBird: a body with its type.
        case body([UInt8], type: String)
        /// One event of SendGrid's, without the brackets around a batch.
        case event([UInt8])
        /// Several of them, as they are posted.
        case batch([UInt8], events: Int)
        /// SNS: a notification's text, or none: the confirmation of a subscription. Repetitions keep id and time.
        case notification(String?, id: String, at: Int64)
    }

    let provider: StandIn
    let url: String
    var content: Content
    /// Of what belongs together: it decides the lane, so that the steps of a message keep their order.
    let key: String
    /// Signed with a wrong key.
    var isForged = false
    /// How many messages it says were delivered; for the account.
    var deliveries = 0
    /// How often it was posted in vain.
    var failures = 0
    /// Twilio marks the repetitions of one callback with one token.
    var token = ""

    init(_ provider: StandIn, _ url: String, _ content: Content, key: String, tellsDelivery: Bool = false) {
        self.provider = provider
        self.url = url
        self.content = content
        self.key = key
        deliveries = tellsDelivery ? 1 : 0
    }

    var events: Int {
        if case .batch(_, let events) = content { events } else { 1 }
    }
}

/// What is to be told, and how long after the step before.
struct Step: Sendable {
    var letter: Letter
    /// The same under another id, where the provider gives ids to what it tells.
    var again: Letter?

    init(_ letter: Letter, again: Letter? = nil) {
        self.letter = letter
        self.again = again
    }
}
