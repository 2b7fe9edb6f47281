import WaypostCore
import WaypostCrypto
import WaypostHTTP
import WaypostJSON
import WaypostStore

/// `GET /v1/audit`: who did what to the router, newest first.
extension API {
    func listAudit(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            var query = QueryReader(call.request.query)
            let limit = query.integer("limit", in: 1...500) ?? 50
            var after: Cursor?
            if let text = query.take("after") {
                after = Cursor(text)
                if after == nil { query.complain("after", "is not a cursor of ours: take it from next") }
            }
            let action = query.word("action", as: AuditEntry.Action.self)
            let actor = query.line("actor", bytes: 1...100)
            if let problem = query.finish() { throw problem }
            return reading(call) { [operations = services.operations, after] _ in
                let rows = try operations.reader.page(
                    after: after?.seq, limit: limit + 1, action: action, actor: actor)
                let page = rows.prefix(limit)
                let next = rows.count > limit ? page.last.map { Cursor(seq: $0.seq) } : nil
                return .json(ListBody.bytes(page, next: next, AuditBody.write))
            }
        }
    }
}

/// A row of the trail.
package enum AuditBody {
    package static func write(_ record: AuditRecord, to json: inout JSONWriter) {
        json.object { json in
            json.member("seq", record.seq)
            json.member("at", plain: record.at.bytes)
            json.member("actor", record.actor)
            json.member("action", record.action)
            json.member("target", record.target)
            json.member("reason", record.reason)
            json.member("data", raw: Array(record.data.utf8))
            json.member("previous", plain: Hex.digits(of: record.previous))
            json.member("hash", plain: Hex.digits(of: record.hash))
        }
    }
}
