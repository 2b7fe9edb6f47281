import WaypostCore
import WaypostStore

/// What a client hands in, checked and complete.
package struct Submission: Sendable {
    package var message: Message
    /// In order of their ordinals.
    package var deliveries: [Delivery]
    /// The normal form of each delivery's address.
    package var normalAddresses: [String]

    /// Second addresses that a delivery may go to, by ordinal: the other token of a device that has two.
    package var otherAddresses: [Int: String] {
        guard case .push(let push) = message.content else { return [:] }
        var others: [Int: String] = [:]
        for (ordinal, target) in push.targets.enumerated() {
            if let device = target.device, device.fcmToken != nil { others[ordinal] = device.apnsToken }
        }
        return others
    }

    package init(message: Message, deliveries: [Delivery], normalAddresses: [String]) {
        self.message = message
        self.deliveries = deliveries
        self.normalAddresses = normalAddresses
    }
}

extension Submission {
    /// What travels together, in the order of the ordinals.
    func envelopes(_ keys: [Int64], others: [Int: Int64]) -> [NewMessage.Envelope] {
        var envelopes: [NewMessage.Envelope] = []
        for (delivery, key) in zip(deliveries, keys) {
            let number = message.content.envelope(of: delivery.ordinal)
            if envelopes.last?.number == number {
                envelopes[envelopes.count - 1].deliveries.append(delivery)
                envelopes[envelopes.count - 1].addressKeys.append(key)
            } else {
                envelopes.append(.init(number: number, deliveries: [delivery], addressKeys: [key]))
            }
        }
        for index in envelopes.indices where !others.isEmpty {
            for delivery in envelopes[index].deliveries {
                envelopes[index].otherKeys[delivery.ordinal] = others[delivery.ordinal]
            }
        }
        return envelopes
    }
}
