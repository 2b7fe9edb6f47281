import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostJSON
import WaypostStore

/// Replaying, purging and resolving what could not be delivered.
extension API {
    func replayDeadLetters(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let replay = try DeadLetterReplay.decode(try RequestBody.json(of: call.request)).unwrap()
            return overLetters(
                replay.selection, isDryRun: replay.isDryRun, states: [.dead], into: .queued, "replayed",
                .lettersReplayed, because: nil, call
            ) {
                try $0.replay($1)
            }
        }
    }

    func purgeDeadLetters(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let purge = try DeadLetterPurge.decode(try RequestBody.json(of: call.request)).unwrap()
            return overLetters(
                purge.selection, isDryRun: purge.isDryRun, states: [.dead, .inDoubt], into: .failed, "purged",
                .lettersPurged, because: purge.reason, call
            ) { try $0.purge($1, reason: purge.reason) }
        }
    }

    func resolveDeadLetters(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let resolution = try DeadLetterResolution.decode(try RequestBody.json(of: call.request)).unwrap()
            let verdict: WriteSession.Resolution =
                switch resolution.verdict {
                case .sent: .sent
                case .failed: .failed
                case .resend: .resend
                }
            let reason = "\(call.caller.name): \(resolution.reason)"
            return overLetters(
                .ids(resolution.ids), isDryRun: false, states: [.inDoubt], into: verdict.state, "resolved",
                .lettersResolved, because: resolution.reason, call
            ) { try $0.resolve($1, as: verdict, reason: reason) }
        }
    }

    /// Messages of one transaction.
    private static let portion = 1000

    /// Finds the messages on a thread that may block, changes them a portion at a time, and says how many it changed: of what
    /// was found, others may have had some meanwhile.
    private func overLetters(
        _ selection: DeadLetterSelection, isDryRun: Bool, states: [DeliveryState], into state: DeliveryState,
        _ word: String, _ action: AuditEntry.Action, because reason: String?, _ call: Call,
        _ change: @escaping @Sendable (WriteSession, [MessageID]) throws -> Moved
    ) -> Answer {
        reading(call) { [self] reader in
            var found = Moved()
            var after: Int64?
            repeat {
                let records = try letters(selection, states: states, after: after, reader)
                found.messages += records.map(\.message.id)
                for record in records { found.deliveries += record.deliveries.count { states.contains($0.state) } }
                after = records.count == Self.portion ? records.last?.seq : nil
            } while after != nil
            guard !isDryRun else { return .json(Self.body(word, found, isDryRun: true)) }
            return changed(found.messages[...], word, action, into: state, because: reason, call, change)
        }
    }

    private func changed(
        _ ids: ArraySlice<MessageID>, _ word: String, _ action: AuditEntry.Action, into state: DeliveryState,
        because reason: String?, _ call: Call,
        _ change: @escaping @Sendable (WriteSession, [MessageID]) throws -> Moved
    ) -> HTTPResponse {
        // Where there is nothing left to change, the key may still have an answer.
        let transactions = max(1, (ids.count + Self.portion - 1) / Self.portion)
        var deliveries = 0
        let outcome: OnceOnly.Outcome<[Moved]>
        do throws(IntakeRefusal) {
            outcome = try services.once.perform("operate", under: call.idempotency, transactions: transactions) {
                session, number, before in
                let moved = try change(session, Array(ids.dropFirst(number * Self.portion).prefix(Self.portion)))
                if moved.deliveries > 0 { try session.audit(Self.entry(action, moved, into: state, reason, call)) }
                let sum = (before + [moved]).reduce(into: Moved()) { $0 += $1 }
                guard number == transactions - 1, sum.deliveries > 0 else { return (moved, nil) }
                return (
                    moved, StoredAnswer(status: 200, location: nil, body: Self.body(word, sum, isDryRun: false))
                )
            } committed: { moved in
                deliveries += moved.deliveries
                count(moved, into: state)
            }
        } catch {
            services.dispatcher.lookAgain()  // for what the transactions before have put back into the queue
            let done = "\(deliveries) deliveries were \(word)"
            return error.problem(at: call.now, halfway: deliveries > 0 ? done : nil)
                .response(requestID: call.requestID)
        }
        switch outcome {
        case .replayed(let answer): return HTTPResponse(answer, isReplay: true)
        case .made(let moved, let answer?):
            services.log.notice(
                "dead letters \(word)",
                metadata: [
                    "by": "\(call.caller.name)", "reason": "\(reason ?? "none given")",
                    "messages": "\(moved.reduce(0) { $0 + $1.messages.count })",
                ])
            services.dispatcher.lookAgain()
            return HTTPResponse(answer)
        case .made(_, nil): return .json(Self.body(word, Moved(), isDryRun: false))
        }
    }

    private func count(_ moved: Moved, into state: DeliveryState) {
        guard !state.isOpen else { return }
        for (channel, types) in moved.tally {
            for (type, count) in types { services.deliveryMetrics.entered(state, channel, type, count: count) }
        }
    }

    /// Messages that an entry of the trail names; it counts all.
    private static let named = 20

    private static func entry(
        _ action: AuditEntry.Action, _ moved: Moved, into state: DeliveryState, _ reason: String?, _ call: Call
    ) -> AuditEntry {
        AuditEntry(
            action, by: call.caller.name.text, reason: reason ?? "",
            data: AuditData.of(
                ("messages", .integer(Int64(moved.messages.count))), ("deliveries", .integer(Int64(moved.deliveries))),
                ("into", .string(state.word)),
                ("ids", .array(moved.messages.prefix(named).map { .string("\($0)") }))))
    }

    private static func body(_ word: String, _ moved: Moved, isDryRun: Bool) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member(word, moved.messages.count)
            json.member("deliveries", moved.deliveries)
            json.member("dry_run", isDryRun)
            json.array("ids") { json in for id in moved.messages.prefix(1000) { json.plain(id.bytes) } }
        }
        return json.bytes
    }

    private func letters(
        _ selection: DeadLetterSelection, states: [DeliveryState], after: Int64?, _ reader: MessageReader
    ) throws -> [MessageRecord] {
        switch selection {
        case .ids(let ids):
            return try ids.compactMap { try reader.message($0, client: nil) }.filter { record in
                record.deliveries.contains { states.contains($0.state) }
            }
        case .filter(var filter):
            let asked = filter.statuses.isEmpty ? states : filter.statuses.filter(states.contains)
            guard !asked.isEmpty else { return [] }
            filter.statuses = asked
            return try reader.deadLetters(filter, after: after, limit: Self.portion)
        }
    }
}

extension WriteSession.Resolution {
    /// What a delivery in doubt becomes.
    var state: DeliveryState {
        switch self {
        case .sent: .sent
        case .failed: .failed
        case .resend: .queued
        }
    }
}
