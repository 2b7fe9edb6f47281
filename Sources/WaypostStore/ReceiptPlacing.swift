import WaypostCore

/// The attempt that a receipt is about, and its message's deliveries in the attempt's envelope.
struct ReceiptPlace {
    var seq: Int64
    var message: MessageID
    var channel: Channel
    var type: MessageType
    var expiresAt: Timestamp
    var attempt: KnownAttempt
    /// The last of its envelope.
    var isLast: Bool
    /// Whom of the envelope the receipt is about.
    var targets: [ReceiptTarget]
}

/// An attempt as its row has it.
struct KnownAttempt {
    var number: Int
    var id: AttemptID
    var envelope: Int
    var provider: String
    /// nil while it is under way.
    var outcome: String?
    var startedAt: Timestamp
    /// It is found by its provider's reference.
    var isNamed: Bool
}

/// A delivery as its row has it.
struct ReceiptTarget {
    var key: Int64
    var envelope: Int
    var addressKey: Int64
    var state: DeliveryState
    var lane: Int
    var dueAt: Timestamp
    var tried: String
    var changedAt: Timestamp
    var provider: String?
    var reference: String?
    var ordinal: Int { DeliveryKey.ordinal(of: key) }
}

/// Where a receipt belongs.
enum ReceiptPlacing {
    case placed(ReceiptPlace)
    /// Its attempt is under way: it is joined when that has ended.
    case underWay(AttemptID)
    case unknown
}

extension WriteSession {
    /// Finds what a receipt is about: by our own ids where it has them, else by the provider's. An attempt of another
    /// provider than the one that calls is none of its business.
    func place(_ receipt: Receipt, from provider: String) throws -> ReceiptPlacing {
        if let id = receipt.message, let message = try findMessage(id) {
            let attempts = try attempts(of: message.seq)
            let candidates: [KnownAttempt]
            if let attempt = receipt.attempt {
                candidates = attempts.filter { $0.id == attempt && $0.provider == provider }
            } else {
                candidates = attempts.filter { $0.provider == provider }.sorted {
                    ($0.startedAt, $0.number) > ($1.startedAt, $1.number)
                }
            }
            if !candidates.isEmpty { return try choose(among: candidates, of: message, attempts, receipt) }
        }
        guard let reference = receipt.reference else { return .unknown }
        for spelling in [reference] + ReferenceAliases.of(reference) {
            let found = try placing(by: spelling, receipt, from: provider)
            if case .unknown = found { continue }
            return found
        }
        return .unknown
    }

    private func placing(by reference: String, _ receipt: Receipt, from provider: String) throws -> ReceiptPlacing {
        var found: [(seq: Int64, number: Int)] = []
        try receiptStatements.attemptsByReference.rows {
            $0.add(ReferenceKey.of(reference, at: provider))
            $0.add(provider)
        } each: {
            found.append(($0.integer(0), $0.int(1)))
        }
        for (seq, number) in found {
            guard let message = try findMessage(seq: seq) else { continue }
            let attempts = try attempts(of: seq)
            guard let attempt = attempts.first(where: { $0.number == number }) else { continue }
            let rows = try targets(of: seq, envelope: attempt.envelope)
            let addressed = matching(receipt.address, rows, on: message.channel)
            // An email's reference may be shared by a request's other messages, of which not all are recorded yet.
            let isItsOwn = found.count == 1 && (receipt.address == nil || message.channel != .email)
            if addressed != nil || isItsOwn {
                return placing(attempt, addressed ?? rows, of: message, attempts)
            }
        }
        return .unknown
    }

    /// The one of the attempts whose envelope has the address; else the first.
    private func choose(
        among candidates: [KnownAttempt], of message: FoundMessage, _ attempts: [KnownAttempt], _ receipt: Receipt
    ) throws -> ReceiptPlacing {
        var first: ReceiptPlacing?
        for attempt in candidates {
            let rows = try targets(of: message.seq, envelope: attempt.envelope)
            let addressed = matching(receipt.address, rows, on: message.channel)
            if addressed != nil || receipt.address == nil || candidates.count == 1 {
                return placing(attempt, addressed ?? rows, of: message, attempts)
            }
            if first == nil { first = placing(attempt, rows, of: message, attempts) }
        }
        return first ?? .unknown
    }

    private func placing(
        _ attempt: KnownAttempt, _ targets: [ReceiptTarget], of message: FoundMessage, _ attempts: [KnownAttempt]
    ) -> ReceiptPlacing {
        guard attempt.outcome != nil else { return .underWay(attempt.id) }
        return .placed(
            ReceiptPlace(
                seq: message.seq, message: message.id, channel: message.channel, type: message.type,
                expiresAt: message.expiresAt, attempt: attempt,
                isLast: !attempts.contains { $0.envelope == attempt.envelope && $0.number > attempt.number },
                targets: targets))
    }

    /// Deliveries to the address; nil where it names none of them, or nobody.
    private func matching(_ address: String?, _ rows: [ReceiptTarget], on channel: Channel) -> [ReceiptTarget]? {
        guard let address else { return nil }
        let key = addresses.value(of: ReceiptAddress.normal(address, on: channel), on: channel)
        let found = rows.filter { $0.addressKey == key }
        return found.isEmpty ? nil : found
    }

    // MARK: Rows

    struct FoundMessage {
        var seq: Int64
        var id: MessageID
        var channel: Channel
        var type: MessageType
        var expiresAt: Timestamp

        init(_ row: RowReader) {
            seq = row.integer(0)
            id = MessageID(row.ulid(1))
            channel = Channel(rawValue: row.text(2)) ?? .email
            type = MessageType(rawValue: row.text(3)) ?? .transactional
            expiresAt = row.time(4)
        }
    }

    func findMessage(_ id: MessageID) throws -> FoundMessage? {
        try receiptStatements.findMessage.first {
            $0.add(id.value)
        } read: {
            FoundMessage($0)
        }
    }

    func findMessage(seq: Int64) throws -> FoundMessage? {
        try receiptStatements.findMessageBySeq.first {
            $0.add(seq)
        } read: {
            FoundMessage($0)
        }
    }

    func attempts(of seq: Int64) throws -> [KnownAttempt] {
        var attempts: [KnownAttempt] = []
        try receiptStatements.attempts.rows {
            $0.add(seq)
        } each: { row in
            attempts.append(
                KnownAttempt(
                    number: row.int(0), id: AttemptID(row.ulid(1)), envelope: row.int(2), provider: row.text(3),
                    outcome: row.optionalText(4), startedAt: row.time(5), isNamed: !row.isNull(6)))
        }
        return attempts
    }

    func targets(of seq: Int64, envelope: Int) throws -> [ReceiptTarget] {
        var targets: [ReceiptTarget] = []
        try receiptStatements.deliveries.rows {
            $0.add(DeliveryKey.first(of: seq))
            $0.add(DeliveryKey.last(of: seq))
        } each: { row in
            guard row.int(1) == envelope, let state = DeliveryState(rawValue: row.int(3)) else { return }
            targets.append(
                ReceiptTarget(
                    key: row.integer(0), envelope: row.int(1), addressKey: row.integer(2), state: state,
                    lane: row.int(4), dueAt: row.time(5), tried: row.text(6), changedAt: row.time(7),
                    provider: row.optionalText(8), reference: row.optionalText(9)))
        }
        return targets
    }
}

/// Addresses as providers spell them.
package enum ReceiptAddress {
    /// The normal form on a channel. Twilio writes `whatsapp:+1…`, MessageBird numbers without their plus sign.
    package static func normal(_ text: String, on channel: Channel) -> String {
        switch channel {
        case .sms, .whatsapp, .voice:
            var rest = text[...]
            if let colon = rest.firstIndex(of: ":") { rest = rest[rest.index(after: colon)...] }
            let isBare = !rest.isEmpty && rest.utf8.allSatisfy { (0x30...0x39).contains($0) }
            // A short code has fewer digits than any telephone number.
            if isBare, rest.utf8.count >= 7 { return NormalizedAddress.of("+\(rest)", on: channel) }
            return NormalizedAddress.of(String(rest), on: channel)
        case .email, .push, .realtime: return NormalizedAddress.of(text, on: channel)
        }
    }
}
