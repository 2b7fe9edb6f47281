import WaypostCore
import WaypostHTTP
import WaypostServer
import WaypostStore

/// `/v1/suppressions`: whom nobody writes to.
extension API {
    /// The newest first; what is over is not shown.
    func listSuppressions(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            let list = try SuppressionQuery.parse(call.request.query).unwrap()
            return reading(call) { [suppressions = services.suppressions] _ in
                let page = try suppressions.suppressions(
                    list.filter, after: list.after?.seq, limit: list.limit, at: call.now)
                return .json(ListBody.bytes(page.rows, next: page.next.map { Cursor(seq: $0) }, SuppressionBody.write))
            }
        }
    }

    func putSuppression(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let listed = try listedAddress(call)
            let fields = try SuppressionFields.decode(try RequestBody.jsonOrNothing(of: call.request), at: call.now)
                .unwrap()
            try acceptsSends()
            let suppression = Suppression(
                channel: listed.channel, address: listed.address, reason: fields.reason,
                source: "api:\(call.caller.name)", detail: fields.detail, createdAt: call.now,
                expiresAt: fields.expiresAt)
            return changingList(call, "suppress") {
                let kept = try $0.put(suppression)
                try $0.audit(
                    AuditEntry(
                        .suppressionPut, by: call.caller.name.text,
                        target: $0.auditName(of: listed.address, on: listed.channel), reason: fields.reason.rawValue))
                return kept
            } answer: { kept in
                .json(SuppressionBody.bytes(kept.suppression), status: kept.isNew ? 201 : 200)
            }
        }
    }

    func readSuppression(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let listed = try listedAddress(call)
            return reading(call) { [suppressions = services.suppressions] _ in
                guard
                    let found = try suppressions.suppression(of: listed.address, on: listed.channel, at: call.now)
                else { return Self.notSuppressed(call) }
                return .json(SuppressionBody.bytes(found))
            }
        }
    }

    func deleteSuppression(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let listed = try listedAddress(call)
            return changingList(call, "suppress") {
                guard try $0.liftSuppression(of: listed.address, on: listed.channel) else { return false }
                try $0.audit(
                    AuditEntry(
                        .suppressionDeleted, by: call.caller.name.text,
                        target: $0.auditName(of: listed.address, on: listed.channel)))
                return true
            } answer: { wasThere in
                wasThere ? HTTPResponse(status: 204) : Self.notSuppressed(call)
            }
        }
    }

    /// Changes a list; the answer goes out once it is on disk.
    func changingList<Value: Sendable>(
        _ call: Call, _ operation: StaticString, _ change: @escaping @Sendable (WriteSession) throws -> Value,
        answer: @escaping @Sendable (Value) -> HTTPResponse
    ) -> Answer {
        .later { [self] reply in
            services.commits.submit(operation, .refuse, change) { result in
                switch result {
                case .success(let value): reply.send(answer(value))
                case .failure:
                    reply.send(
                        Problem(.storeUnavailable, "Nothing can be kept just now.", retryAfter: .seconds(1)), call)
                }
            }
        }
    }

    private static func notSuppressed(_ call: Call) -> HTTPResponse {
        Problem(.notFound, "The address is not suppressed on this channel.").response(requestID: call.requestID)
    }
}
