import Foundation
import GRDB
import WaypostCore
import WaypostJSON

/// What providers tell by themselves: each receipt once, placed, and followed in the same transaction.
extension WriteSession {
    /// Takes in what a provider tells. The name of each, what it changes and what the feed hears of it are one change.
    package func take(
        _ receipts: [Receipt], from provider: ProviderName, under rules: ReceiptRules = .none
    ) throws -> TakenReceipts {
        var taken = TakenReceipts()
        for receipt in receipts {
            guard try isNew([receipt.id] + [receipt.alias].compactMap(\.self), from: provider.text) else {
                taken.duplicates += 1
                continue
            }
            if case .inbound(let inbound) = receipt.news {
                try take(inbound, receipt, from: provider)
                taken.accepted += 1
                continue
            }
            switch try place(receipt, from: provider.text) {
            case .placed(let place):
                try apply(receipt, to: place, under: rules, &taken)
                taken.accepted += 1
            case .underWay(let attempt):
                try suppress(for: receipt, at: nil, from: provider.text)
                try stray(receipt, attempt: attempt.value, from: provider.text)
                taken.accepted += 1
            case .unknown:
                try suppress(for: receipt, at: nil, from: provider.text)
                try stray(receipt, attempt: receipt.attempt?.value ?? receipt.message?.value, from: provider.text)
                taken.unknown += 1
            }
        }
        return taken
    }

    /// Does what a receipt means for each delivery that it is about.
    func apply(
        _ receipt: Receipt, to place: ReceiptPlace, under rules: ReceiptRules, _ taken: inout TakenReceipts
    ) throws {
        if let reference = receipt.reference, !place.attempt.isNamed {
            try receiptStatements.keepReference.run {
                $0.add(ReferenceKey.of(reference, at: place.attempt.provider))
                $0.add(place.seq)
                $0.add(place.attempt.number)
            }
        }
        for target in place.targets { try apply(receipt, to: target, place, rules, &taken) }
        try suppress(for: receipt, at: place, from: place.attempt.provider)
        if let failure = receipt.news.failure, failure.breaker == .open || failure.breaker == .failure,
            let provider = ProviderName(place.attempt.provider)
        {
            taken.health.append(.init(provider: provider, channel: place.channel, effect: failure.breaker))
        }
    }

    private func apply(
        _ receipt: Receipt, to target: ReceiptTarget, _ place: ReceiptPlace, _ rules: ReceiptRules,
        _ taken: inout TakenReceipts
    ) throws {
        let isElsewhere =
            (target.state == .sent || target.state == .inDoubt) && target.provider != nil
            && target.provider != place.attempt.provider
        var effect = try ReceiptEffect.of(
            receipt.news,
            on: .init(target.state, isCurrent: place.isLast && !isElsewhere, isAlive: now < place.expiresAt),
            policy: rules.ambiguity(try Self.content(db, place.seq)))
        if effect.change == .enter(.sent), try hasFailed(place.attempt.id, place.seq, target.ordinal) {
            // The same attempt has failed already: this was told before, and came later.
            effect.change = .none
            if effect.event == .sent { effect.event = nil }
        }
        switch effect.change {
        case .none: break
        case .enter(let state): try enter(state, target, receipt, place, rules, &taken)
        case .reroute: try reroute(target, receipt, place, rules, &taken)
        }
        note(receipt.news, target, place, rules)
        if let event = effect.event {
            try append(
                event, of: place.seq, ordinal: target.ordinal, provider: place.attempt.provider,
                detail: receipt.words,
                data: receipt.data(of: target.ordinal, place.attempt.id, isRerouted: effect.change == .reroute))
        }
    }

    private func enter(
        _ state: DeliveryState, _ target: ReceiptTarget, _ receipt: Receipt, _ place: ReceiptPlace,
        _ rules: ReceiptRules, _ taken: inout TakenReceipts
    ) throws {
        let provider = place.attempt.provider
        try move(target, to: state, tried: target.tried, dueAt: target.dueAt, receipt, place)
        taken.entered[.init(state: state, channel: place.channel, type: place.type), default: 0] += 1
        taken.messages.insert(place.message)
        guard rules.reporting.contains(where: { $0.text == provider }) else { return }
        let isCounted = target.state == .sent
        let sentAt = isCounted ? target.changedAt : now
        tally(place.channel, provider, at: sentAt) {
            if isCounted, state == .inDoubt { $0.sent -= 1 }
            if !isCounted, state == .sent || state == .delivered || state == .undelivered { $0.sent += 1 }
            if state == .delivered { $0.delivered += 1 }
            if state == .undelivered { $0.undelivered += 1 }
        }
    }

    private func reroute(
        _ target: ReceiptTarget, _ receipt: Receipt, _ place: ReceiptPlace, _ rules: ReceiptRules,
        _ taken: inout TakenReceipts
    ) throws {
        let provider = place.attempt.provider
        var tried = target.tried.split(separator: ",").map(String.init)
        if !tried.contains(provider) { tried.append(provider) }
        try move(target, to: .queued, tried: tried.joined(separator: ","), dueAt: now, receipt, place)
        taken.messages.insert(place.message)
        taken.requeued.insert(QueuePlace(place.channel, column: target.lane))
        guard rules.reporting.contains(where: { $0.text == provider }) else { return }
        let isCounted = target.state == .sent
        let sentAt = isCounted ? target.changedAt : now
        if isCounted { tallyOne(place.channel, "", at: sentAt) { $0.sent -= 1 } }
        tallyOne(place.channel, provider, at: sentAt) {
            if !isCounted { $0.sent += 1 }
            $0.undelivered += 1
        }
    }

    /// Writes the row and the books; the feed is told by the caller, in the receipt's own words.
    private func move(
        _ target: ReceiptTarget, to state: DeliveryState, tried: String, dueAt: Timestamp, _ receipt: Receipt,
        _ place: ReceiptPlace
    ) throws {
        let provider = place.attempt.provider
        try receiptStatements.moveDelivery.run {
            $0.add(state.rawValue)
            $0.add(dueAt)
            $0.add(tried)
            $0.add(now)
            $0.add(provider)
            $0.add(receipt.reference ?? (target.provider == provider ? target.reference : nil))
            $0.add(receipt.news.failure.map { "\(provider): \($0.kind.rawValue): \(receipt.words ?? "no detail")" })
            $0.add(target.key)
        }
        count(-1, target.state, on: place.channel)
        count(1, state, on: place.channel)
    }

    /// What people did with it counts in the minute in which it was sent, where that is known.
    private func note(_ news: Receipt.News, _ target: ReceiptTarget, _ place: ReceiptPlace, _ rules: ReceiptRules) {
        guard news == .opened || news == .clicked,
            rules.reporting.contains(where: { $0.text == place.attempt.provider })
        else { return }
        tally(place.channel, place.attempt.provider, at: target.state == .sent ? target.changedAt : now) {
            if news == .opened { $0.opened += 1 } else { $0.clicked += 1 }
        }
    }

    /// Whether the feed has heard that the attempt failed for the delivery. Asked only where a receipt would take it back.
    private func hasFailed(_ attempt: AttemptID, _ seq: Int64, _ ordinal: Int) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: """
                SELECT data FROM event WHERE message = ? AND ordinal = ? AND data IS NOT NULL
                    AND type IN ('message.undelivered', 'message.bounced', 'message.in_doubt')
                """)
        let name = JSONValue.string(attempt.description)
        return try Row.fetchAll(statement, arguments: [seq, ordinal]).contains { row in
            guard let data: Data = row[0], let bytes = try? KeptBody.opened(data),
                case .object(let members)? = try? JSONValue(parsing: bytes)
            else { return false }
            return members.contains { $0.name == "attempt_id" && $0.value == name }
        }
    }
}

extension Receipt {
    /// For people: the provider's words, or its code.
    var words: String? {
        if let detail, !detail.isEmpty { return detail }
        if let failure = news.failure, !failure.detail.isEmpty { return failure.detail }
        return code
    }

    /// Members of an event's data that are ours; a provider's fact of the same name is left out.
    private static let ownFacts: Set<String> = [
        "delivery", "attempt_id", "code", "read", "rerouted", "occurred_at", "reason",
    ]

    /// What the event tells beyond its words.
    func data(of ordinal: Int, _ attempt: AttemptID, isRerouted: Bool) -> [UInt8] {
        var json = JSONWriter(capacity: 256)
        json.object { json in
            json.member("delivery", ordinal)
            json.member("attempt_id", plain: attempt.bytes)
            json.member("code", ifPresent: code ?? news.failure?.providerCode)
            json.member("reason", ifPresent: news.failure?.kind.rawValue)
            if news == .read { json.member("read", true) }
            if isRerouted { json.member("rerouted", true) }
            json.member("occurred_at", at.description)
            var names = Self.ownFacts
            for fact in facts where names.insert(fact.key).inserted { json.member(fact.key, fact.value) }
        }
        return json.bytes
    }
}
