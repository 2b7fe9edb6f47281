import WaypostCore

/// A message as its client described it, checked, and not yet accepted: it has no id and no times of its own.
package struct Draft: Equatable, Sendable {
    package var type: MessageType
    package var priority: Priority
    package var content: Content
    /// In the order of the envelope: to, cc, bcc. `scheduled` where `sendAt` is set, else `queued`.
    package var deliveries: [Delivery]
    /// nil: at once.
    package var sendAt: Timestamp?
    /// nil: what the configuration says for the type.
    package var ttl: Duration?
    package var metadata: [Message.KeyValue]
    package var tags: [String]
    /// nil: what the route says for the type.
    package var onAmbiguous: AmbiguityPolicy?
    /// The template that the content was made from.
    package var template: AppliedTemplate?
    /// The names of the recipient's own variables, where the content was made from a template of ours; else nil.
    package var ownVariables: Set<String>?
    /// See `Message.zones`.
    package var zones: [String] = []
    /// Whose devices a push goes to. They are not known before the store was asked: until then it has no targets.
    package var user: String?

    package var channel: Channel { content.channel }

    /// The message that this draft becomes on being accepted. Its ttl counts from `sendAt` (behaviour: Receipts).
    package func message(
        id: MessageID, client: ClientName, createdAt: Timestamp, defaultTTL: Duration, traceparent: String
    ) -> Message {
        var message = Message(
            id: id, client: client, content: content, createdAt: createdAt,
            expiresAt: (sendAt ?? createdAt) + (ttl ?? defaultTTL), traceparent: traceparent)
        message.type = type
        message.priority = priority
        message.sendAt = sendAt
        message.onAmbiguous = onAmbiguous
        message.metadata = metadata
        message.tags = tags
        message.zones = zones
        message.template = template
        return message
    }
}
