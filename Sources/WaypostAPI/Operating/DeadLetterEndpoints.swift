import WaypostCore
import WaypostHTTP
import WaypostJSON
import WaypostStore

/// Replaying, purging and resolving what could not be delivered.
extension API {
    func replayDeadLetters(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let replay = try DeadLetterReplay.decode(try RequestBody.json(of: call.request)).unwrap()
            return overLetters(replay.selection, isDryRun: replay.isDryRun, states: [.dead], "replayed", call) {
                try $0.replay($1)
            }
        }
    }

    func purgeDeadLetters(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let purge = try DeadLetterPurge.decode(try RequestBody.json(of: call.request)).unwrap()
            if !purge.isDryRun {
                services.log.notice(
                    "dead letters purged", metadata: ["by": "\(call.caller.name)", "reason": "\(purge.reason)"])
            }
            return overLetters(purge.selection, isDryRun: purge.isDryRun, states: [.dead, .inDoubt], "purged", call) {
                try $0.purge($1, reason: purge.reason)
            }
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
            return overLetters(.ids(resolution.ids), isDryRun: false, states: [.inDoubt], "resolved", call) {
                try $0.resolve($1, as: verdict, reason: reason)
            }
        }
    }

    /// Finds the messages on a thread that may block, changes them a thousand at a time, and says how many there were.
    private func overLetters(
        _ selection: DeadLetterSelection, isDryRun: Bool, states: [DeliveryState], _ word: String, _ call: Call,
        _ change: @escaping @Sendable (WriteSession, [MessageID]) throws -> Int
    ) -> Answer {
        reading(call) { [self] reader in
            var touched: [MessageID] = []
            var deliveries = 0
            var after: Int64?
            repeat {
                let found = try letters(selection, states: states, after: after, reader)
                let ids = found.map(\.message.id)
                touched += ids
                if isDryRun {
                    deliveries += found.reduce(0) { $0 + $1.deliveries.count { states.contains($0.state) } }
                } else if !ids.isEmpty {
                    deliveries += try services.commits.perform("operate") { try change($0, ids) }
                }
                after = found.count == 1000 ? found.last?.seq : nil
            } while after != nil
            if !isDryRun, !touched.isEmpty { services.dispatcher.lookAgain() }
            var json = JSONWriter()
            json.object { json in
                json.member(word, touched.count)
                json.member("deliveries", deliveries)
                json.member("dry_run", isDryRun)
                json.array("ids") { json in for id in touched.prefix(1000) { json.plain(id.bytes) } }
            }
            return .json(json.bytes)
        }
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
            return try reader.deadLetters(filter, after: after, limit: 1000)
        }
    }
}
