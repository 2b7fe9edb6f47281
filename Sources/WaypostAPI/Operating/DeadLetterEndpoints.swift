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

    /// Finds the messages on a thread that may block, changes them a portion at a time, and says how many there were.
    private func overLetters(
        _ selection: DeadLetterSelection, isDryRun: Bool, states: [DeliveryState], into state: DeliveryState,
        _ word: String, _ action: AuditEntry.Action, because reason: String?, _ call: Call,
        _ change: @escaping @Sendable (WriteSession, [MessageID]) throws -> Int
    ) -> Answer {
        reading(call) { [self] reader in
            var ids: [MessageID] = []
            var deliveries = 0
            // One for each page, which is what one transaction changes.
            var tallies: [Tally] = []
            var after: Int64?
            repeat {
                let found = try letters(selection, states: states, after: after, reader)
                ids += found.map(\.message.id)
                var tally = Tally()
                for record in found {
                    let count = record.deliveries.count { states.contains($0.state) }
                    deliveries += count
                    tally[record.message.channel, default: [:]][record.message.type, default: 0] += count
                }
                tallies.append(tally)
                after = found.count == Self.portion ? found.last?.seq : nil
            } while after != nil
            guard !isDryRun else { return .json(Self.body(word, ids, deliveries: deliveries, isDryRun: true)) }
            return try changed(ids[...], word, action, into: state, because: reason, call, change) { number in
                guard !state.isOpen, tallies.indices.contains(number) else { return }
                for (channel, types) in tallies[number] {
                    for (type, count) in types {
                        services.deliveryMetrics.entered(state, channel, type, count: count)
                    }
                }
            }
        }
    }

    /// Deliveries of a selection.
    private typealias Tally = [Channel: [MessageType: Int]]

    /// `count` is told of each transaction that is on disk and has changed something.
    private func changed(
        _ ids: ArraySlice<MessageID>, _ word: String, _ action: AuditEntry.Action, into state: DeliveryState,
        because reason: String?, _ call: Call,
        _ change: @escaping @Sendable (WriteSession, [MessageID]) throws -> Int, count: (_ number: Int) -> Void
    ) throws -> HTTPResponse {
        // Where there is nothing left to change, the key may still have an answer.
        let transactions = max(1, (ids.count + Self.portion - 1) / Self.portion)
        var (number, deliveries) = (0, 0)
        let outcome: OnceOnly.Outcome<[Int]>
        do throws(IntakeRefusal) {
            outcome = try services.once.perform("operate", under: call.idempotency, transactions: transactions) {
                session, number, before in
                let portion = Array(ids.dropFirst(number * Self.portion).prefix(Self.portion))
                let count = try change(session, portion)
                if count > 0 { try session.audit(Self.entry(action, portion, count, into: state, reason, call)) }
                let deliveries = before.reduce(count, +)
                guard number == transactions - 1, deliveries > 0 else { return (count, nil) }
                let body = Self.body(word, Array(ids), deliveries: deliveries, isDryRun: false)
                return (count, StoredAnswer(status: 200, location: nil, body: body))
            } committed: { changed in
                if changed > 0 { count(number) }
                number += 1
                deliveries += changed
            }
        } catch {
            services.dispatcher.lookAgain()  // for what the transactions before have put back into the queue
            let done = "\(deliveries) deliveries were \(word)"
            return error.problem(at: call.now, halfway: deliveries > 0 ? done : nil)
                .response(requestID: call.requestID)
        }
        switch outcome {
        case .replayed(let answer): return HTTPResponse(answer, isReplay: true)
        case .made(_, let answer?):
            services.log.notice(
                "dead letters \(word)",
                metadata: [
                    "by": "\(call.caller.name)", "reason": "\(reason ?? "none given")", "messages": "\(ids.count)",
                ])
            services.dispatcher.lookAgain()
            return HTTPResponse(answer)
        case .made(_, nil): return .json(Self.body(word, Array(ids), deliveries: 0, isDryRun: false))
        }
    }

    /// Messages that an entry of the trail names; it counts all.
    private static let named = 20

    private static func entry(
        _ action: AuditEntry.Action, _ ids: [MessageID], _ deliveries: Int, into state: DeliveryState,
        _ reason: String?, _ call: Call
    ) -> AuditEntry {
        AuditEntry(
            action, by: call.caller.name.text, reason: reason ?? "",
            data: AuditData.of(
                ("messages", .integer(Int64(ids.count))), ("deliveries", .integer(Int64(deliveries))),
                ("into", .string(state.word)),
                ("ids", .array(ids.prefix(named).map { .string("\($0)") }))))
    }

    private static func body(_ word: String, _ ids: [MessageID], deliveries: Int, isDryRun: Bool) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member(word, ids.count)
            json.member("deliveries", deliveries)
            json.member("dry_run", isDryRun)
            json.array("ids") { json in for id in ids.prefix(1000) { json.plain(id.bytes) } }
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
