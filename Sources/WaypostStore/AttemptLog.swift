import GRDB
import WaypostCore

/// What an attempt's end, or an end without an attempt, means for one delivery.
package struct Move: Equatable, Sendable {
    package var ordinal: Int
    package var to: DeliveryState
    package var reason: String?
    /// Nobody writes to the address again on this channel, and why: it is dead, or its owner refused.
    package var suppression: Suppression.Reason?

    package init(ordinal: Int, to: DeliveryState, reason: String?, suppression: Suppression.Reason? = nil) {
        self.ordinal = ordinal
        self.to = to
        self.reason = reason
        self.suppression = suppression
    }
}

/// How an attempt ended, and what follows from it, to be kept in one transaction.
package struct Conclusion: Sendable {
    /// As it stood while the attempt was under way.
    package var parcel: Parcel
    package var attempt: Attempt
    /// Deliveries that leave `sending`; those not named stay, for `next` or in `doubt`.
    package var moves: [Move]
    /// Where the deliveries that wait go on: their round, what was tried in it, when they are due.
    package var round: Int
    package var tried: [ProviderName]
    package var dueAt: Timestamp
    /// The attempt that follows at once.
    package var next: Begun?
    /// Why what waits has to wait (JSON).
    package var decision: String?
    /// Providers that will never reach what goes on: the address that they know is dead.
    package var excluded: [ProviderName]
    /// Device tokens that the provider says are dead.
    package var deadTokens: [String]
    /// Deliveries of which the provider is asked whether it has them.
    package var doubt: Doubt?

    package init(
        parcel: Parcel, attempt: Attempt, moves: [Move], round: Int, tried: [ProviderName], dueAt: Timestamp,
        next: Begun?,
        decision: String?, excluded: [ProviderName] = [], deadTokens: [String] = [], doubt: Doubt? = nil
    ) {
        self.parcel = parcel
        self.attempt = attempt
        self.moves = moves
        self.round = round
        self.tried = tried
        self.dueAt = dueAt
        self.next = next
        self.decision = decision
        self.excluded = excluded
        self.deadTokens = deadTokens
        self.doubt = doubt
    }
}

extension WriteSession {
    /// Keeps how an attempt ended and what follows. The only way from `sending` to another state while the router runs.
    package func record(_ conclusion: Conclusion) throws {
        let parcel = conclusion.parcel
        try finish(conclusion.attempt, number: AttemptKey.of(parcel.envelope, parcel.attempts), of: parcel.seq)
        let tried = conclusion.tried.map(\.text).joined(separator: ",")
        let provider = conclusion.attempt.provider.text
        var reference: String?
        if case .accepted(let given) = conclusion.attempt.result.outcome { reference = given }
        for move in conclusion.moves {
            let key = DeliveryKey.of(parcel.seq, move.ordinal)
            let changed = try moveDelivery.run {
                $0.add(move.to.rawValue)
                $0.add(move.to.isOpen ? epoch : 0)
                $0.add(conclusion.dueAt)
                $0.add(conclusion.round)
                $0.add(tried)
                $0.add(now)
                $0.add(provider)
                $0.add(move.to == .sent ? reference : nil)
                $0.add(move.reason)
                $0.add(key)
                $0.add(DeliveryState.sending.rawValue)
            }
            guard changed > 0 else { continue }
            try told(move, from: .sending, parcel: parcel, provider: provider)
            if let reason = move.suppression,
                let delivery = parcel.deliveries.first(where: { $0.ordinal == move.ordinal })
            {
                try suppress(
                    Suppression(
                        channel: parcel.message.channel,
                        address: NormalizedAddress.of(delivery.address, on: parcel.message.channel), reason: reason,
                        source: provider, detail: move.reason, createdAt: now))
            }
        }
        if let doubt = conclusion.doubt { try reconcile(doubt, of: conclusion) }
        if conclusion.excluded != parcel.excluded { try keepExcluded(conclusion.excluded, of: parcel) }
        for token in conclusion.deadTokens { try bury(token, after: conclusion.attempt) }
        if let next = conclusion.next {
            try insert(next, number: parcel.attempts + 1, envelope: parcel.envelope, of: parcel.seq)
        } else if let decision = conclusion.decision {
            try keepDecision(decision, of: parcel.seq)
        }
    }

    private func finish(_ attempt: Attempt, number: Int, of seq: Int64) throws {
        try finishAttempt.run {
            $0.add(attempt.duration / .microseconds(1))
            $0.add(attempt.result.outcome.word)
            $0.add(attempt.result.httpStatus)
            $0.add(attempt.result.providerCode)
            $0.add(attempt.result.detail)
            $0.add(attempt.cost.map { Int($0.micros) })
            $0.add(attempt.cost?.currency)
            $0.add(attempt.referenceKey)
            $0.add(seq)
            $0.add(number)
        }
    }

    /// Ends deliveries that wait, without an attempt: expired, canceled, dead. Returns the moves that took place.
    @discardableResult
    package func end(_ parcel: Parcel, _ state: DeliveryState, reason: String) throws -> [Move] {
        var made: [Move] = []
        for delivery in parcel.deliveries {
            for from in [DeliveryState.queued, .scheduled] {
                let changed = try moveDelivery.run {
                    $0.add(state.rawValue)
                    $0.add(0)
                    $0.add(parcel.dueAt)
                    $0.add(parcel.round)
                    $0.add(parcel.tried.map(\.text).joined(separator: ","))
                    $0.add(now)
                    $0.addNull()
                    $0.addNull()
                    $0.add(reason)
                    $0.add(DeliveryKey.of(parcel.seq, delivery.ordinal))
                    $0.add(from.rawValue)
                }
                guard changed > 0 else { continue }
                let move = Move(ordinal: delivery.ordinal, to: state, reason: reason)
                try told(move, from: from, parcel: parcel, provider: nil)
                made.append(move)
                break
            }
        }
        return made
    }

    /// Puts the books and the feed right after a delivery has changed its state.
    private func told(_ move: Move, from: DeliveryState, parcel: Parcel, provider: String?) throws {
        try moved(parcel.seq, move, from: from, on: parcel.message.channel, provider: provider)
    }

    func moved(_ seq: Int64, _ move: Move, from: DeliveryState, on channel: Channel, provider: String?) throws {
        count(-1, from, on: channel)
        count(1, move.to, on: channel)
        if let event = EventType(entering: move.to) {
            try append(event, of: seq, ordinal: move.ordinal, provider: provider, detail: move.reason)
        }
    }

    private func keepExcluded(_ excluded: [ProviderName], of parcel: Parcel) throws {
        let sql = "UPDATE delivery SET excluded = ? WHERE key BETWEEN ? AND ? AND envelope = ?"
        try db.cachedStatement(sql: sql).execute(arguments: [
            excluded.map(\.text).joined(separator: ","), DeliveryKey.first(of: parcel.seq),
            DeliveryKey.last(of: parcel.seq), parcel.envelope,
        ])
    }

    /// A device's token that a provider calls dead is forgotten, and nobody writes to it again; unless an app has reported
    /// it since it was written to.
    private func bury(_ token: String, after attempt: Attempt) throws {
        try forgetToken(token, unlessSeenSince: attempt.startedAt)
        guard try !isReported(token) else { return }
        try suppress(
            Suppression(
                channel: .push, address: NormalizedAddress.of(token, on: .push), reason: .deadToken,
                source: attempt.provider.text, detail: "\(attempt.provider): the token is dead", createdAt: now))
    }
}

extension Attempt {
    /// nil where the provider gave the message no id.
    fileprivate var referenceKey: Int? {
        guard case .accepted(let reference?) = result.outcome else { return nil }
        return Int(ReferenceKey.of(reference, at: provider.text))
    }
}

extension Duration {
    fileprivate static func / (left: Duration, right: Duration) -> Int {
        Int((left.seconds / right.seconds).rounded())
    }
}
