import WaypostJSON

/// A look-up among the text messages that were taken: `GET /messages?recipient=&from=&until=&limit=`. There is none by
/// reference.
struct MessageBirdList {
    private let query: FormFields
    private let from: Int64?
    private let until: Int64?
    private let limit: Int
    private let offset: Int

    init(_ query: FormFields) throws(MessageBirdError) {
        let names = [
            "originator", "recipient", "direction", "limit", "offset", "searchterm", "type", "contact_id", "status",
            "from", "until",
        ]
        for field in query.fields where !names.contains(field.name) {
            throw MessageBirdError(10, "there is no filter by \(field.name)", parameter: field.name)
        }
        self.query = query
        from = try Self.time(query, "from")
        until = try Self.time(query, "until")
        limit = try Self.number(query, "limit", 1...200) ?? 20
        offset = try Self.number(query, "offset", 0...Int(Int32.max)) ?? 0
    }

    /// Whether a message taken at that time is looked for.
    func includes(_ message: JSONValue, at wall: Int64) -> Bool {
        // Its times are whole seconds.
        let wall = wall - wall % 1000
        if let from, wall < from { return false }
        if let until, wall > until { return false }
        for name in ["originator", "direction", "type"] {
            if let wanted = query[name], message[name]?.string != wanted { return false }
        }
        let items = message["recipients"]?["items"]?.array ?? []
        if let number = query["recipient"], !items.contains(where: { $0["recipient"]?.integer == Int64(number) }) {
            return false
        }
        if let status = query["status"], !items.contains(where: { $0["status"]?.string == status }) { return false }
        if let term = query["searchterm"], message["body"]?.string?.contains(term) != true { return false }
        return query["contact_id"] == nil
    }

    func json(_ found: [JSONValue], host: String) -> JSONValue {
        let items = Array(found.dropFirst(offset).prefix(limit))
        let last = max(0, (found.count - 1) / limit * limit)
        func link(_ offset: Int) -> JSONValue { .string("http://\(host)/messages/?offset=\(offset)&limit=\(limit)") }
        return [
            "offset": .integer(Int64(offset)), "limit": .integer(Int64(limit)),
            "count": .integer(Int64(items.count)), "totalCount": .integer(Int64(found.count)),
            "links": [
                "first": link(0), "previous": offset > 0 ? link(max(0, offset - limit)) : .null,
                "next": offset + items.count < found.count ? link(offset + limit) : .null, "last": link(last),
            ], "items": .array(items),
        ]
    }

    private static func time(_ query: FormFields, _ name: String) throws(MessageBirdError) -> Int64? {
        guard let text = query[name] else { return nil }
        guard let time = CivilTime.milliseconds(text) else {
            throw MessageBirdError(10, "\(name) must be a time of RFC 3339", parameter: name)
        }
        return time - time % 1000
    }

    private static func number(
        _ query: FormFields, _ name: String, _ range: ClosedRange<Int>
    ) throws(MessageBirdError) -> Int? {
        guard let text = query[name] else { return nil }
        guard text.isDigits, let number = Int(text), range.contains(number) else {
            throw MessageBirdError(
                10, "\(name) must be \(range.lowerBound) to \(range.upperBound)", parameter: name)
        }
        return number
    }
}
