import WaypostCore

/// A message on its way into the store.
package struct NewMessage: Sendable {
    package var message: Message
    /// The whole message as it lies in the content row: the id of the key it is encrypted with (0: plain), then the body.
    package var encoded: [UInt8]
    /// What travels together: one for an email, one a device for a push; their ordinals go on from one to the next.
    package var envelopes: [Envelope]
    package var dueAt: Timestamp
    /// Why it is held until then, where it is not the client who says so.
    package var heldBecause: String?
    /// Longer windows, asked of the store: at most `limit` deliveries to one address since then.
    package var storedLimit: StoredLimit?
    /// Whether every recipient must have agreed.
    package var requiresConsent = false

    /// The deliveries of one exchange, and how they begin.
    package struct Envelope: Sendable {
        package var number: Int
        package var deliveries: [Delivery]
        /// The look-up value of each delivery's address.
        package var addressKeys: [Int64]
        /// By ordinal, the look-up value of a second address that a delivery may go to: a device's other token.
        package var otherKeys: [Int: Int64] = [:]
        /// The attempt that begins with it, where a permit is held; else it waits.
        package var begun: Begun?
        /// Why it waits (JSON), where it does.
        package var decision: String?
        /// Whether the dispatcher holds it in memory.
        package var isHeld: Bool
        /// Of `QueuePlace`: where it waits, should it have to.
        package var track = 0

        package init(
            number: Int, deliveries: [Delivery], addressKeys: [Int64], begun: Begun? = nil, decision: String? = nil,
            isHeld: Bool = false
        ) {
            self.number = number
            self.deliveries = deliveries
            self.addressKeys = addressKeys
            self.begun = begun
            self.decision = decision
            self.isHeld = isHeld
        }
    }

    package struct StoredLimit: Sendable {
        package var limit: Int
        package var window: Duration
        package var type: MessageType?
        package init(limit: Int, window: Duration, type: MessageType?) {
            self.limit = limit
            self.window = window
            self.type = type
        }
    }

    package init(
        message: Message, encoded: [UInt8], envelopes: [Envelope], dueAt: Timestamp, heldBecause: String? = nil,
        storedLimit: StoredLimit? = nil
    ) {
        self.message = message
        self.encoded = encoded
        self.envelopes = envelopes
        self.dueAt = dueAt
        self.heldBecause = heldBecause
        self.storedLimit = storedLimit
    }
}

extension NewMessage {
    /// The look-up values of the addresses at the places that `isOpen` lets through.
    fileprivate func openKeys(_ isOpen: (Int) -> Bool) -> [Int64] {
        envelopes.flatMap(\.addressKeys).enumerated().filter { isOpen($0.offset) }.map(\.element)
    }
}

/// An attempt that begins: known to the store before its first byte leaves.
package struct Begun: Sendable {
    package var id: AttemptID
    package var provider: ProviderName
    package var startedAt: Timestamp
    /// Why this provider: JSON, as `explain` shows it.
    package var decision: String

    package init(id: AttemptID, provider: ProviderName, startedAt: Timestamp, decision: String) {
        self.id = id
        self.provider = provider
        self.startedAt = startedAt
        self.decision = decision
    }
}

/// What became of a message that was kept.
package struct KeptMessage: Sendable {
    package var seq: Int64
    /// In order of the ordinals; `suppressed` where the address is on the list.
    package var states: [DeliveryState]
    /// Why those are on it, one for each.
    package var causes: [Suppression.Reason] = []
}

/// What became of one of the messages that were handed in.
package enum KeepOutcome: Sendable {
    case kept(KeptMessage)
    /// Recipients have not agreed to it; nothing of it was kept.
    case refused([ConsentObjection])

    package var message: KeptMessage? { if case .kept(let message) = self { message } else { nil } }
    package var objections: [ConsentObjection]? { if case .refused(let objections) = self { objections } else { nil } }
}

package enum KeepResult: Sendable {
    /// In order of what was handed in, and the answer that tells of it, where there is one.
    case kept([KeepOutcome], StoredAnswer?)
    /// A longer window is full; nothing was done.
    case limited(resumeAt: Timestamp)
}

extension WriteSession {
    /// Keeps messages, whole or not at all; those whose recipients have not agreed are left out. `answer` tells of all of
    /// them; it stays with the key only where one was kept.
    package func keep(
        _ messages: [NewMessage], answer: ([KeepOutcome]) -> StoredAnswer?
    ) throws -> (KeepResult, answer: StoredAnswer?) {
        let judged = try messages.map(judge)
        for (index, message) in messages.enumerated() {
            if let resumeAt = try fullUntil(message, judged[index], after: zip(messages, judged).prefix(index)) {
                return (.limited(resumeAt: resumeAt), nil)
            }
        }
        let outcomes = try zip(messages, judged).map { message, judgement -> KeepOutcome in
            switch judgement {
            case .admitted(let verdicts): return .kept(try keep(message, verdicts))
            case .refused(let objections): return .refused(objections)
            }
        }
        let answer = answer(outcomes)
        return (.kept(outcomes, answer), answer: outcomes.contains { $0.message != nil } ? answer : nil)
    }

    /// `earlier` will be kept with it, and count already. Deliveries that do not go out count nowhere.
    private func fullUntil(
        _ new: NewMessage, _ judgement: Judgement, after earlier: some Sequence<(NewMessage, Judgement)>
    ) throws -> Timestamp? {
        guard let limit = new.storedLimit else { return nil }
        let alike = earlier.filter { message, _ in
            message.message.channel == new.message.channel
                && (limit.type == nil || message.message.type == limit.type)
        }
        for key in new.openKeys(judgement.isOpen) {
            let since = max(now - limit.window, try limitsReset(of: key) ?? now - limit.window)
            var times = try deliveryTimes(of: key, on: new.message.channel, type: limit.type, since: since)
            times += alike.filter { $0.0.openKeys($0.1.isOpen).contains(key) }.map(\.0.message.createdAt)
            if times.count >= limit.limit { return times[times.count - limit.limit] + limit.window }
        }
        return nil
    }

    /// `verdicts`: on each delivery's address, in order of the ordinals.
    private func keep(_ new: NewMessage, _ verdicts: [SuppressionVerdict?]) throws -> KeptMessage {
        let message = new.message
        let seq = nextMessage()
        try insertMessage.run {
            $0.add(seq)
            $0.add(message.id.value)
            $0.add(message.client.text)
            $0.add(message.channel.rawValue)
            $0.add(message.type.rawValue)
            $0.add(message.createdAt)
            $0.add(message.expiresAt)
            $0.add(message.resendOf?.value)
        }
        try insertContent.run {
            $0.add(seq)
            $0.add(new.encoded)
        }
        var states: [DeliveryState] = []
        var rest = verdicts[...]
        for envelope in new.envelopes {
            states += try keep(envelope, of: new, seq, rest.prefix(envelope.deliveries.count))
            rest = rest.dropFirst(envelope.deliveries.count)
        }
        accept(states.count, on: message.channel)
        return KeptMessage(seq: seq, states: states, causes: verdicts.compactMap { $0?.reason })
    }

    private func keep(
        _ envelope: NewMessage.Envelope, of new: NewMessage, _ seq: Int64, _ verdicts: ArraySlice<SuppressionVerdict?>
    ) throws -> [DeliveryState] {
        let message = new.message
        let waiting: DeliveryState = new.dueAt > message.createdAt ? .scheduled : .queued
        let place = QueuePlace(message.channel, lane: message.priority.lane, track: envelope.track).column
        let open: DeliveryState = envelope.begun != nil ? .sending : waiting
        var states: [DeliveryState] = []
        for ((delivery, addressKey), verdict) in zip(zip(envelope.deliveries, envelope.addressKeys), verdicts) {
            let suppressed = verdict?.text
            let state = suppressed == nil ? open : .suppressed
            let reason = suppressed ?? (state == .scheduled ? new.heldBecause : nil)
            states.append(state)
            try insertDelivery.run {
                $0.add(DeliveryKey.of(seq, delivery.ordinal))
                $0.add(envelope.number)
                $0.add(message.channel.column)
                $0.add(delivery.role.rawValue)
                $0.add(addressKey)
                $0.add(state.rawValue)
                $0.add(state.isOpen && envelope.isHeld ? epoch : 0)
                $0.add(place)
                $0.add(new.dueAt)
                $0.add(now)
                $0.add(reason)
            }
            count(1, state, on: message.channel)
            if let suppressed {
                try append(.suppressed, of: seq, ordinal: delivery.ordinal, provider: nil, detail: suppressed)
            }
        }
        if states.contains(.sending), let begun = envelope.begun {
            try insert(begun, number: 1, envelope: envelope.number, of: seq)
        } else if let decision = envelope.decision {
            try keepDecision(decision, of: seq)
        }
        return states
    }

    /// `number`: of the envelope's attempts, from 1.
    func insert(_ begun: Begun, number: Int, envelope: Int, of seq: Int64) throws {
        try insertAttempt.run {
            $0.add(seq)
            $0.add(AttemptKey.of(envelope, number))
            $0.add(begun.id.value)
            $0.add(envelope)
            $0.add(begun.provider.text)
            $0.add(begun.startedAt)
            $0.add(begun.decision)
        }
    }

    func keepDecision(_ decision: String, of seq: Int64) throws {
        try insertDecision.run {
            $0.add(seq)
            $0.add(now)
            $0.add(decision)
        }
    }

    /// Why the address must not be written to; nil when it may.
    func suppression(of address: Int64, on channel: Channel, for type: MessageType) throws -> String? {
        try suppressionVerdict(on: address, channel, for: type)?.text
    }

    /// Nobody writes to the address any more. One that is suppressed already stays so for its first reason, unless that is
    /// over, would end sooner, or lets through what the new one does not.
    func suppress(_ suppression: Suppression) throws {
        guard let address = suppression.address else { return }
        try suppress(suppression, key: addresses.value(of: address, on: suppression.channel))
    }

    /// The same where the address's look-up value is known, and perhaps nothing else. False where what stood stays.
    @discardableResult
    func suppress(_ suppression: Suppression, key: Int64) throws -> Bool {
        let changed = try insertSuppression.run {
            $0.add(suppression.channel.column)
            $0.add(key)
            if let address = suppression.address {
                $0.add([UInt8](KeptBody.closed(Array(address.utf8))))
            } else {
                $0.addNull()
            }
            $0.add(suppression.reason.rawValue)
            $0.add(suppression.source)
            $0.add(suppression.detail)
            $0.add(suppression.sparesTransactional ? 1 : 0)
            $0.add(suppression.createdAt)
            $0.add(suppression.expiresAt.map { Int($0.milliseconds) })
        }
        hasSuppressions = true
        return changed > 0
    }
}
