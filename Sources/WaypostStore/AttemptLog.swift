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

extension Move {
    /// Which suppression stands behind it: the word that its reason begins with; nil where none does.
    package var suppressionCause: Suppression.Reason? {
        guard to == .suppressed, let reason else { return nil }
        return Suppression.Reason(rawValue: String(reason.prefix { $0 != ":" }))
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
    /// For receipts that came before the outcome.
    package var rules: ReceiptRules

    package init(
        parcel: Parcel, attempt: Attempt, moves: [Move], round: Int, tried: [ProviderName], dueAt: Timestamp,
        next: Begun?,
        decision: String?, excluded: [ProviderName] = [], deadTokens: [String] = [], doubt: Doubt? = nil,
        rules: ReceiptRules = .none
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
        self.rules = rules
    }
}

/// What keeping an attempt's end came to: a receipt may have moved a delivery meanwhile, or may prove the outcome wrong.
package struct Recorded: Equatable, Sendable {
    /// Those that took place.
    package var moves: [Move] = []
    /// Ordinals that the attempt that follows is for; empty: it was not begun.
    package var next: [Int] = []
    /// The provider had told of the attempt already: it has what the answer left in doubt.
    package var isProven = false
    /// What came of receipts that waited for the outcome.
    package var receipts = TakenReceipts()
}

extension WriteSession {
    /// Keeps how an attempt ended and what follows. Deliveries that a receipt has moved on meanwhile stay where they are.
    @discardableResult
    package func record(_ conclusion: Conclusion) throws -> Recorded {
        let parcel = conclusion.parcel
        var reference: String?
        if case .accepted(let given) = conclusion.attempt.result.outcome { reference = given }
        let waiting = try claimStrays(
            of: conclusion.attempt.id, parcel.message.id, from: conclusion.attempt.provider, reference: reference)
        reference = reference ?? waiting.lazy.compactMap(\.reference).first
        try finish(
            conclusion.attempt, number: AttemptKey.of(parcel.envelope, parcel.attempts), of: parcel.seq,
            reference: reference)
        var recorded = Recorded()
        let planned = conclusion.moves(provenBy: waiting)
        recorded.isProven = planned != conclusion.moves
        for move in planned where try make(move, conclusion, reference: reference) { recorded.moves.append(move) }
        if let doubt = conclusion.doubt { try reconcile(doubt, of: conclusion) }
        if conclusion.excluded != parcel.excluded { try keepExcluded(conclusion.excluded, of: parcel) }
        for token in conclusion.deadTokens { try bury(token, after: conclusion.attempt) }
        if let next = conclusion.next {
            for delivery in parcel.deliveries where !planned.contains(where: { $0.ordinal == delivery.ordinal }) {
                if try isUnderWay(parcel.seq, delivery.ordinal) {
                    if let kept = try keepBack(delivery.ordinal, from: .sending, of: parcel) {
                        recorded.moves.append(kept)
                    } else {
                        recorded.next.append(delivery.ordinal)
                    }
                }
            }
            if !recorded.next.isEmpty {
                try insert(next, number: parcel.attempts + 1, envelope: parcel.envelope, of: parcel.seq)
            }
        } else if let decision = conclusion.decision {
            try keepDecision(decision, of: parcel.seq)
        }
        if !waiting.isEmpty {
            recorded.receipts = try join(waiting, from: conclusion.attempt.provider, under: conclusion.rules)
        }
        return recorded
    }

    /// Moves a delivery out of `sending`; false where it has left that already.
    private func make(_ move: Move, _ conclusion: Conclusion, reference: String?) throws -> Bool {
        let parcel = conclusion.parcel
        let provider = conclusion.attempt.provider
        let changed = try moveDelivery.run {
            $0.add(move.to.rawValue)
            $0.add(move.to.isOpen ? epoch : 0)
            $0.add(conclusion.dueAt)
            $0.add(conclusion.round)
            $0.add(conclusion.tried.map(\.text).joined(separator: ","))
            $0.add(now)
            $0.add(provider.text)
            $0.add(move.to == .sent ? reference : nil)
            $0.add(move.reason)
            $0.add(DeliveryKey.of(parcel.seq, move.ordinal))
            $0.add(DeliveryState.sending.rawValue)
        }
        guard changed > 0 else { return false }
        try told(move, from: .sending, parcel: parcel, provider: provider.text)
        if move.to == .sent { tallySent(parcel.message.channel, provider, under: conclusion.rules) }
        if let reason = move.suppression, let delivery = parcel.deliveries.first(where: { $0.ordinal == move.ordinal })
        {
            let address = NormalizedAddress.of(delivery.address, on: parcel.message.channel)
            try suppress(
                Suppression(
                    channel: parcel.message.channel, address: address, reason: reason, source: provider.text,
                    detail: move.reason, createdAt: now),
                key: addresses.value(of: address, on: parcel.message.channel), onWordOf: provider.text)
        }
        return true
    }

    private func isUnderWay(_ seq: Int64, _ ordinal: Int) throws -> Bool {
        let state = try db.cachedStatement(sql: "SELECT state FROM delivery WHERE key = ?")
        return try Int.fetchOne(state, arguments: [DeliveryKey.of(seq, ordinal)]) == DeliveryState.sending.rawValue
    }

    /// Ends a delivery whose address has been suppressed since the message was taken in; nil where it may go on.
    func keepBack(_ ordinal: Int, from state: DeliveryState, of parcel: Parcel) throws -> Move? {
        guard hasSuppressions || hasConsents else { return nil }
        let key = DeliveryKey.of(parcel.seq, ordinal)
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT address_key FROM delivery WHERE key = ? AND state = ?"),
            arguments: [key, state.rawValue])
        guard let row,
            let reason = try objection(to: row[0], of: ordinal, parcel)
        else { return nil }
        try db.cachedStatement(
            sql: "UPDATE delivery SET state = ?, owner = 0, reason = ?, changed_at = ? WHERE key = ?"
        ).execute(arguments: [DeliveryState.suppressed.rawValue, reason, now.milliseconds, key])
        let move = Move(ordinal: ordinal, to: .suppressed, reason: reason)
        try told(move, from: state, parcel: parcel, provider: nil)
        return move
    }

    /// Why the address must not be written to by now: it is suppressed, or the person has said no.
    private func objection(to address: Int64, of ordinal: Int, _ parcel: Parcel) throws -> String? {
        let message = parcel.message
        if let verdict = try suppressionVerdict(on: address, message.channel, for: message.type) {
            let device = parcel.deliveries.first { $0.ordinal == ordinal }.flatMap {
                message.content.push?.target(of: $0)?.device
            }
            // The other token of a device is another address.
            if verdict.reason != .deadToken || device?.services.count ?? 0 < 2 { return verdict.text }
        }
        let word = try objection(to: address, on: message.channel, for: message.type, isRequired: false)
        return word == .denied ? "\(Suppression.Reason.optOut.rawValue): consent was denied" : nil
    }

    private func finish(_ attempt: Attempt, number: Int, of seq: Int64, reference: String?) throws {
        try finishAttempt.run {
            $0.add(attempt.duration / .microseconds(1))
            $0.add(attempt.result.outcome.word)
            $0.add(attempt.result.httpStatus)
            $0.add(attempt.result.providerCode)
            $0.add(attempt.result.detail)
            $0.add(attempt.cost.map { Int($0.micros) })
            $0.add(attempt.cost?.currency)
            if let reference {
                $0.add(ReferenceKey.of(reference, at: attempt.provider.text))
            } else {
                $0.addNull()
            }
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
        let address = NormalizedAddress.of(token, on: .push)
        try suppress(
            Suppression(
                channel: .push, address: address, reason: .deadToken, source: attempt.provider.text,
                detail: "\(attempt.provider): the token is dead", createdAt: now),
            key: addresses.value(of: address, on: .push), onWordOf: attempt.provider.text)
    }
}

extension Conclusion {
    /// What becomes of the deliveries once receipts have shown that the provider took the attempt: those that would go on, or
    /// be given up, are sent.
    fileprivate func moves(provenBy receipts: [Receipt]) -> [Move] {
        guard !receipts.isEmpty, case .failed = attempt.result.outcome else { return moves }
        var moves = moves
        for ordinal in receipts.flatMap(ordinals) {
            let sent = Move(ordinal: ordinal, to: .sent, reason: nil)
            if let index = moves.firstIndex(where: { $0.ordinal == ordinal }) {
                if [.queued, .inDoubt, .dead, .expired].contains(moves[index].to) { moves[index] = sent }
            } else {
                moves.append(sent)
            }
        }
        return moves
    }

    /// Whom of the parcel a receipt is about.
    private func ordinals(of receipt: Receipt) -> [Int] {
        let channel = parcel.message.channel
        let named = receipt.address.map { address in
            let normal = ReceiptAddress.normal(address, on: channel)
            return parcel.deliveries.filter { NormalizedAddress.of($0.address, on: channel) == normal }
        }
        if let named, named.isEmpty, channel == .email, receipt.attempt == nil, receipt.message == nil {
            return []  // of another message that left in the same request
        }
        return (named.flatMap { $0.isEmpty ? nil : $0 } ?? parcel.deliveries).map(\.ordinal)
    }
}

extension Duration {
    fileprivate static func / (left: Duration, right: Duration) -> Int {
        Int((left.seconds / right.seconds).rounded())
    }
}
