import WaypostCore
import WaypostJSON
import WaypostStore

/// A suppression in JSON.
package enum SuppressionBody {
    package static func bytes(_ suppression: Suppression) -> [UInt8] {
        var json = JSONWriter(capacity: 512)
        write(suppression, to: &json)
        return json.bytes
    }

    package static func write(_ suppression: Suppression, to json: inout JSONWriter) {
        json.object { json in
            json.member("channel", suppression.channel.rawValue)
            json.member("address", orNull: suppression.address)
            json.member("reason", suppression.reason.rawValue)
            json.member("source", suppression.source)
            json.member("detail", orNull: suppression.detail)
            json.member("created_at", plain: suppression.createdAt.bytes)
            if let expiresAt = suppression.expiresAt {
                json.member("expires_at", plain: expiresAt.bytes)
            } else {
                json.null("expires_at")
            }
        }
    }
}

/// What a client says of an address that is not to be written to: the body of `PUT /v1/suppressions/{channel}/{address}`.
package struct SuppressionFields: Equatable, Sendable {
    package var reason: Suppression.Reason
    package var detail: String?
    package var expiresAt: Timestamp?

    /// Octets of a detail.
    package static let detailBytes = 1...500
    /// The longest time for which an address may be suppressed by `for`; `expires_at` may lie further ahead.
    package static let longest = Duration.seconds(365 * 86_400)

    package static func decode(_ body: JSONValue, at now: Timestamp) -> Result<SuppressionFields, Problem> {
        FieldReader.read(body) { reader in
            let reason = reader.word("reason", as: Suppression.Reason.self) ?? .manual
            let detail = reader.line("detail", bytes: detailBytes)
            let span = reader.duration("for", upTo: longest)
            let moment = reader.time("expires_at")
            if reader.has("for"), reader.has("expires_at") {
                reader.complain(.name("for"), "must not stand beside expires_at: give one of the two")
            }
            if let moment, moment <= now { reader.complain(.name("expires_at"), "must lie ahead") }
            return SuppressionFields(reason: reason, detail: detail, expiresAt: moment ?? span.map { now + $0 })
        }
    }
}

/// The query of `GET /v1/suppressions`.
package struct SuppressionQuery: Equatable, Sendable {
    package var limit = 50
    package var after: Cursor?
    package var filter = SuppressionFilter()

    package static func parse(_ query: Substring) -> Result<SuppressionQuery, Problem> {
        var reader = QueryReader(query)
        var list = SuppressionQuery()
        list.limit = reader.integer("limit", in: 1...500) ?? list.limit
        if let text = reader.take("after") {
            list.after = Cursor(text)
            if list.after == nil { reader.complain("after", "is not a cursor of ours: take it from next") }
        }
        list.filter.channel = reader.word("channel", as: Channel.self)
        list.filter.reason = reader.word("reason", as: Suppression.Reason.self)
        list.filter.source = reader.line("source", bytes: 1...128)
        if let text = reader.take("address") {
            if let channel = list.filter.channel {
                do throws(ListedAddress.Flaw) {
                    list.filter.address = try ListedAddress(text, on: channel).address
                } catch {
                    reader.complain("address", error.complaint)
                }
            } else {
                reader.complain("address", "needs channel beside it: on each one the same text is another address")
            }
        }
        if let problem = reader.finish() { return .failure(problem) }
        return .success(list)
    }
}
