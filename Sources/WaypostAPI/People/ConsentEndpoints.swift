import WaypostCore
import WaypostHTTP
import WaypostServer
import WaypostStore

/// `/v1/consents`: the ledger of consent.
extension API {
    /// Adds an entry: 201 where it is the first about its purpose, else 200.
    func putConsent(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let listed = try listedAddress(call)
            let fields = try ConsentFields.decode(try RequestBody.json(of: call.request), at: call.now).unwrap()
            try acceptsSends()
            let entry = Consent(
                channel: listed.channel, address: listed.address, state: fields.state, purpose: fields.purpose,
                source: fields.source ?? "api", proof: fields.proof, at: fields.at ?? call.now, recordedAt: call.now,
                by: call.caller.name.text)
            return changingList(call, "consent") {
                let isFirst = try $0.enter(entry)
                try $0.audit(
                    AuditEntry(
                        .consentPut, by: call.caller.name.text,
                        target: $0.auditName(of: listed.address, on: listed.channel),
                        data: AuditData.of(
                            ("state", .string(entry.state.rawValue)), ("purpose", .string(entry.purpose)))))
                return isFirst
            } answer: { isFirst in
                .json(ConsentBody.bytes(entry), status: isFirst ? 201 : 200)
            }
        }
    }

    /// What holds, and the history: a page of it, newest first.
    func readConsent(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            let list = try ListQuery.parse(call.request.query, for: .plain).unwrap()
            let listed = try listedAddress(call)
            return reading(call) { [consents = services.consents] _ in
                let record = try consents.consents(
                    of: listed.address, on: listed.channel, after: list.after?.seq, limit: list.limit + 1)
                guard let record else { return Self.nothingSaid(call) }
                let page = record.history.prefix(list.limit)
                let next = record.history.count > list.limit ? page.last.map { Cursor(seq: $0.seq) } : nil
                return .json(
                    ConsentBody.bytes(listed, standing: record.standing, history: page.map(\.consent), next: next))
            }
        }
    }

    /// What was said counts no more, about `?purpose=` or about everything; the history stays.
    func deleteConsent(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            var query = QueryReader(call.request.query)
            let purpose = query.line("purpose", bytes: 0...ConsentFields.purposeBytes.upperBound)
            if let problem = query.finish() { throw problem }
            let listed = try listedAddress(call)
            let entry = Consent(
                channel: listed.channel, address: listed.address, state: .withdrawn, source: "api", at: call.now,
                recordedAt: call.now, by: call.caller.name.text)
            return changingList(call, "consent") {
                guard try $0.withdrawConsents(purpose, as: entry) else { return false }
                try $0.audit(
                    AuditEntry(
                        .consentWithdrawn, by: call.caller.name.text,
                        target: $0.auditName(of: listed.address, on: listed.channel),
                        data: AuditData.of(("purpose", purpose.map { .string($0) }))))
                return true
            } answer: { wasThere in
                wasThere ? HTTPResponse(status: 204) : Self.nothingSaid(call)
            }
        }
    }

    private static func nothingSaid(_ call: Call) -> HTTPResponse {
        Problem(.notFound, "Nothing is recorded of this address.").response(requestID: call.requestID)
    }
}
