import WaypostCore

/// What the lists of suppressions and of consent say at the door, in the transaction that keeps a message.
extension WriteSession {
    /// What the lists say of a message.
    enum Judgement {
        /// On each delivery's address, in order of the ordinals.
        case admitted([SuppressionVerdict?])
        case refused([ConsentObjection])

        /// Whether the delivery at that place goes out.
        func isOpen(_ place: Int) -> Bool {
            if case .admitted(let verdicts) = self { verdicts[place] == nil } else { false }
        }
    }

    /// Who is suppressed is not asked for consent; where nobody is left, the message is kept all the same.
    func judge(_ new: NewMessage) throws -> Judgement {
        var verdicts: [SuppressionVerdict?] = []
        var objections: [ConsentObjection] = []
        for envelope in new.envelopes {
            for (delivery, key) in zip(envelope.deliveries, envelope.addressKeys) {
                let other = envelope.otherKeys[delivery.ordinal]
                let verdict =
                    try suppressionVerdict(on: key, new.message.channel, for: new.message.type)
                    ?? other.flatMap { try otherVerdict(on: $0, new.message) }
                verdicts.append(verdict)
                guard verdict == nil, hasConsents || new.requiresConsent else { continue }
                let kind =
                    try objection(
                        to: key, on: new.message.channel, for: new.message.type, isRequired: new.requiresConsent)
                    ?? other.flatMap {
                        try objection(to: $0, on: new.message.channel, for: new.message.type, isRequired: false)
                    }
                if let kind { objections.append(ConsentObjection(ordinal: delivery.ordinal, kind: kind)) }
            }
        }
        return objections.isEmpty ? .admitted(verdicts) : .refused(objections)
    }

    /// A token that is dead leaves the device its other one; whoever is suppressed for another reason is so as a whole.
    private func otherVerdict(on address: Int64, _ message: Message) throws -> SuppressionVerdict? {
        let verdict = try suppressionVerdict(on: address, message.channel, for: message.type)
        return verdict?.reason == .deadToken ? nil : verdict
    }

    /// Why an address must not be written to.
    struct SuppressionVerdict {
        var reason: Suppression.Reason
        /// For the message's `status_reason`.
        var text: String
    }

    func suppressionVerdict(
        on address: Int64, _ channel: Channel, for type: MessageType
    ) throws -> SuppressionVerdict? {
        guard hasSuppressions else { return nil }
        return try findSuppression.first {
            $0.add(address)
            $0.add(channel.column)
            $0.add(now)
        } read: { row -> SuppressionVerdict? in
            if row.int(2) == 1, type == .transactional { return nil }
            let reason = row.text(0)
            return SuppressionVerdict(
                reason: Suppression.Reason(rawValue: reason) ?? .manual,
                text: [reason, row.optionalText(1)].compactMap(\.self).joined(separator: ": "))
        } ?? nil
    }
}
