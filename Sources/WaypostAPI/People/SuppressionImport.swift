import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostJSON
import WaypostServer
import WaypostStore

/// `POST /v1/suppressions/import`.
///
/// The body is gone through twice, a row at a time: once to see that it can be read to its end, so that nothing of a broken
/// one is kept; then in steps that are committed one by one, so that no message waits for the whole.
extension API {
    func importSuppressions(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            var query = QueryReader(call.request.query)
            let channel = query.word("channel", as: Channel.self)
            if let problem = query.finish() { throw problem }
            let context = SuppressionRows.Context(
                channel: channel, source: "import:\(call.caller.name)", now: call.now)
            let rows = try SuppressionRows(call.request, context)
            try acceptsSends()
            return .later { [self] reply in
                let isTaken = services.imports.run { [self] in
                    do throws(Problem) {
                        reply.send(try takeIn(rows, call))
                    } catch {
                        reply.send(error, call)
                    }
                }
                if !isTaken {
                    reply.send(
                        Problem(.storeUnavailable, "Too many imports wait already.", retryAfter: .seconds(10)), call)
                }
            }
        }
    }

    /// On the thread of imports.
    private func takeIn(_ rows: SuppressionRows, _ call: Call) throws(Problem) -> HTTPResponse {
        var ahead = rows
        var count = 0
        while try ahead.next() != nil { count += 1 }
        let transactions = max(1, (count + ImportTally.step - 1) / ImportTally.step)
        var rows = rows
        var tally = ImportTally()
        let outcome: OnceOnly.Outcome<[ImportTally]>
        do throws(IntakeRefusal) {
            outcome = try services.once.perform("import", under: call.idempotency, transactions: transactions) {
                number in
                let portion = tally.portion(of: &rows)
                return (portion, number == transactions - 1 ? tally : nil)
            } _: { session, portion, before in
                var done = ImportTally()
                for suppression in portion.0 { done.count(isNew: try session.put(suppression).isNew) }
                try session.audit(
                    AuditEntry(
                        .suppressionsImported, by: call.caller.name.text,
                        data: AuditData.of(
                            ("rows", .integer(Int64(portion.0.count))), ("portion", .integer(Int64(before.count + 1))),
                            ("of", .integer(Int64(transactions))))))
                guard let last = portion.1 else { return (done, nil) }
                let whole = (before + [done]).reduce(last) { $0.adding($1) }
                return (done, StoredAnswer(status: 200, location: nil, body: whole.body))
            }
        } catch {
            throw error.problem(at: call.now)
        }
        switch outcome {
        case .replayed(let answer): return HTTPResponse(answer, isReplay: true)
        case .made(_, let answer?): return HTTPResponse(answer)
        case .made(_, nil): throw Problem(.storeUnavailable, "Nothing can be kept just now.", retryAfter: .seconds(1))
        }
    }
}

/// What came of an import so far.
package struct ImportTally: Sendable {
    /// Rows of one transaction: a send that comes in between waits for so many, a few milliseconds.
    static let step = 500
    /// Rejected rows that an answer tells of; all are counted.
    static let told = 100

    private var imported = 0
    private var updated = 0
    private var rejected = 0
    private var errors: [SuppressionRows.Rejected] = []

    /// Takes the rows of one step; those that are no good are counted here and left out.
    mutating func portion(of rows: inout SuppressionRows) -> [Suppression] {
        var good: [Suppression] = []
        good.reserveCapacity(Self.step)
        for _ in 0..<Self.step {
            guard let row = (try? rows.next()).flatMap(\.self) else { break }
            switch row {
            case .success(let suppression): good.append(suppression)
            case .failure(let error):
                rejected += 1
                if errors.count < Self.told { errors.append(error) }
            }
        }
        return good
    }

    mutating func count(isNew: Bool) {
        if isNew { imported += 1 } else { updated += 1 }
    }

    func adding(_ other: ImportTally) -> ImportTally {
        var sum = self
        sum.imported += other.imported
        sum.updated += other.updated
        return sum
    }

    var body: [UInt8] {
        var json = JSONWriter(capacity: 256 + 128 * errors.count)
        json.object { json in
            json.member("imported", imported)
            json.member("updated", updated)
            json.member("rejected", rejected)
            json.array("errors") { json in
                for error in errors {
                    json.object { json in
                        json.member("row", error.row)
                        json.member("detail", error.detail)
                    }
                }
            }
        }
        return json.bytes
    }
}
