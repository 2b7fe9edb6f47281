import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostJSON
import WaypostStore

/// `?dry_run=true`: everything is checked and routed; nothing is kept, sent or charged.
extension API {
    func rehearse(_ admitted: Result<Admitted, Problem>, _ call: Call) -> HTTPResponse {
        switch admitted {
        case .failure(let problem): return problem.response(requestID: call.requestID)
        case .success(let one):
            services.intake.letGo(one.prepared)
            var json = JSONWriter()
            json.object { RehearsalBody.write(one, to: &$0) }
            return .json(json.bytes)
        }
    }

    /// Let go only when all have been looked at, so that messages of one batch count against each other's limits.
    func rehearse(batch: [Result<Admitted, Problem>], _ call: Call) -> HTTPResponse {
        let accepted = batch.compactMap { try? $0.get() }
        for one in accepted { services.intake.letGo(one.prepared) }
        var json = JSONWriter()
        json.object { json in
            json.array("results") { json in
                for outcome in batch {
                    json.object { json in
                        switch outcome {
                        case .success(let one): RehearsalBody.write(one, to: &json)
                        case .failure(let problem):
                            json.member("error", raw: problem.body(requestID: call.requestID))
                        }
                    }
                }
            }
            json.member("accepted", accepted.count)
            json.member("rejected", batch.count - accepted.count)
        }
        return .json(json.bytes)
    }
}

/// What would have become of a message.
enum RehearsalBody {
    static func write(_ admitted: Admitted, to json: inout JSONWriter) {
        let prepared = admitted.prepared
        let isSuppressed = admitted.findings?.isSuppressed == true
        json.member("dry_run", true)
        json.member(
            "status", isSuppressed ? "suppressed" : prepared.isScheduled ? "scheduled" : "queued")
        if !isSuppressed { json.member("status_reason", ifPresent: prepared.heldBecause) }
        json.member("channel", prepared.message.channel.rawValue)
        json.member("deliveries", prepared.deliveries)
        if let suppressed = admitted.findings?.suppressed, !suppressed.isEmpty {
            json.array("suppressed") { json in
                for (ordinal, reason) in suppressed {
                    json.object { json in
                        json.member("pointer", admitted.candidate.pointer(ordinal))
                        json.member("reason", reason.rawValue)
                    }
                }
            }
        }
        SegmentBody.write(prepared.message.content, to: &json)
        if !isSuppressed, let decision = prepared.decision { json.member("decision", raw: decision.json.utf8) }
    }
}
