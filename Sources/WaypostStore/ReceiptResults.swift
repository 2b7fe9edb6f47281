import WaypostCore

/// What the configuration says that receipts depend on.
package struct ReceiptRules: Sendable {
    /// Providers that tell later what became of a message; the others' messages count in no delivery rate.
    package var reporting: Set<ProviderName>
    /// What is done when nobody knows how an attempt ended; asked with the body of the message's content row.
    package var ambiguity: @Sendable ([UInt8]) -> AmbiguityPolicy

    package init(reporting: Set<ProviderName>, ambiguity: @escaping @Sendable ([UInt8]) -> AmbiguityPolicy) {
        self.reporting = reporting
        self.ambiguity = ambiguity
    }

    /// No provider reports, and doubt is held.
    package static let none = ReceiptRules(reporting: []) { _ in .hold }
}

/// What came of receipts that were taken in: what is counted and told once the transaction is on disk.
package struct TakenReceipts: Equatable, Sendable {
    /// Placed, or kept for the attempt that is under way.
    package var accepted = 0
    /// Known already: nothing was done.
    package var duplicates = 0
    /// About no attempt that is known; kept in case it turns up.
    package var unknown = 0
    /// States that deliveries entered, and how many did.
    package var entered: [Entry: Int] = [:]
    /// Messages of which a delivery moved, once each.
    package var messages: Set<MessageID> = []
    /// Where deliveries wait again that nobody holds.
    package var requeued: Set<QueuePlace> = []
    /// What asynchronous failures say of their providers' health, in the order they came.
    package var health: [Health] = []

    package struct Entry: Hashable, Sendable {
        package var state: DeliveryState
        package var channel: Channel
        package var type: MessageType
    }

    package struct Health: Equatable, Sendable {
        package var provider: ProviderName
        package var channel: Channel
        package var effect: BreakerEffect
    }

    package init() {}

    /// Adds what came of others.
    package mutating func add(_ other: TakenReceipts) {
        accepted += other.accepted
        duplicates += other.duplicates
        unknown += other.unknown
        entered.merge(other.entered, uniquingKeysWith: +)
        messages.formUnion(other.messages)
        requeued.formUnion(other.requeued)
        health += other.health
    }
}
