/// What a client asked for, once it is complete and checked. It does not change afterwards; its deliveries do.
package struct Message: Equatable, Sendable {
    package var id: MessageID
    package var client: ClientName
    package var type: MessageType = .transactional
    package var priority: Priority = .normal
    package var content: Content
    package var createdAt: Timestamp
    /// Not before this moment.
    package var sendAt: Timestamp?
    /// Never after this moment.
    package var expiresAt: Timestamp
    package var onAmbiguous: AmbiguityPolicy?
    package var metadata: [KeyValue] = []
    package var tags: [String] = []
    /// W3C Trace Context of the request that brought it, or one begun for it.
    package var traceparent: String
    /// The template that it was made from.
    package var template: AppliedTemplate?
    /// Time zones by which quiet hours go: those of its recipients, where the store knows them. Empty: what the numbers
    /// say, or the default.
    package var zones: [String] = []
    /// The message that this one repeats.
    package var resendOf: MessageID?

    package var channel: Channel { content.channel }

    package struct KeyValue: Equatable, Sendable {
        package var key: String
        package var value: String
        package init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    package init(
        id: MessageID, client: ClientName, content: Content, createdAt: Timestamp, expiresAt: Timestamp,
        traceparent: String
    ) {
        self.id = id
        self.client = client
        self.content = content
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.traceparent = traceparent
    }
}
