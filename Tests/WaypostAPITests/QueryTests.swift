import Testing
import WaypostAPI
import WaypostCore

@Suite struct QueryTests {
    private func parse(_ query: String, for kind: ListQuery.Kind = .messages) -> Result<ListQuery, Problem> {
        ListQuery.parse(query[...], for: kind)
    }

    @Test func `a query without a word is the first fifty`() throws {
        let list = try parse("").get()
        #expect(list.limit == 50)
        #expect(list.after == nil)
        #expect(list.filter == MessageFilter())
    }

    @Test func `every filter is read`() throws {
        let query =
            "limit=500&after=\(Cursor(seq: 7))&channel=email&status=dead,in_doubt&type=marketing"
            + "&to=jane+tag@example.com&tag=a%2Db&created_after=2025-01-15T12:00:00%2B01:00"
            + "&created_before=2025-01-15T12:00:00Z&reason=ttl%20is%20over"
        let list = try parse(query, for: .deadLetters).get()
        #expect(list.limit == 500)
        #expect(list.after == Cursor(seq: 7))
        #expect(list.filter.channel == .email)
        #expect(list.filter.statuses == [.dead, .inDoubt])
        #expect(list.filter.type == .marketing)
        #expect(list.filter.to == "jane+tag@example.com")
        #expect(list.filter.tag == "a-b")
        #expect(list.filter.createdAfter == Timestamp(milliseconds: noon.milliseconds - 3_600_000))
        #expect(list.filter.createdBefore == noon)
        #expect(list.filter.reason == "ttl is over")
        #expect(list.filter.client == nil)
    }

    @Test(arguments: [
        ("limit=0", "?limit", ProblemCode.invalid), ("limit=501", "?limit", .invalid),
        ("limit=ten", "?limit", .malformed),
        ("limit=", "?limit", .malformed), ("after=abc", "?after", .invalid), ("after=", "?after", .invalid),
        ("channel=fax", "?channel", .invalid), ("status=", "?status", .invalid), ("status=dead,", "?status", .invalid),
        ("status=sent,gone", "?status", .invalid), ("type=spam", "?type", .invalid), ("to=", "?to", .invalid),
        ("to=a%0Ab", "?to", .invalid), ("created_after=yesterday", "?created_after", .invalid),
        ("reason=x", "?reason", .malformed), ("offset=5", "?offset", .malformed),
        ("limit=1&limit=2", "?limit", .malformed),
        ("to=%zz", "?", .malformed), ("to=%f", "?", .malformed), ("to=%FF", "?", .malformed),
        ("Limit=5", "?Limit", .malformed),
    ])
    func `a parameter that cannot be right is named`(query: String, pointer: String, word: ProblemCode) {
        let result = parse(query)
        #expect(code(result) == word)
        #expect(pointers(result) == [pointer], "\(findings(result))")
    }

    @Test func `all that is wrong is named at once`() {
        let result = parse("limit=0&offset=5&channel=fax&created_before=x")
        #expect(code(result) == .malformed)
        #expect(Set(pointers(result)) == ["?limit", "?offset", "?channel", "?created_before"])
    }

    @Test func `lists without a filter take none`() {
        #expect(pointers(parse("channel=email", for: .plain)) == ["?channel"])
        #expect(code(parse("limit=5", for: .plain)) == nil)
    }

    @Test(arguments: [
        ("", false), ("dry_run=true", true), ("dry_run", true), ("dry_run=", true), ("dry_run=false", false),
    ])
    func `a flag is true by its name alone`(query: String, flag: Bool) {
        var reader = QueryReader(query[...])
        #expect(reader.flag("dry_run") == flag)
        #expect(reader.finish() == nil)
    }

    @Test func `a flag is nothing but true or false`() {
        var reader = QueryReader("dry_run=1")
        _ = reader.flag("dry_run")
        #expect(reader.finish()?.code == .malformed)
    }

    // MARK: Cursors

    @Test(arguments: [0, 1, 63, 64, 255, 65_536, Int64.max])
    func `a cursor comes back as it was given`(seq: Int64) {
        let text = Cursor(seq: seq).description
        #expect(text.utf8.count == 16)
        #expect(Cursor(text) == Cursor(seq: seq))
    }

    @Test func `a cursor that was typed over, cut or made up is none`() {
        let text = Array(Cursor(seq: 123_456).description.utf8)
        for position in text.indices {
            var other = text
            other[position] = other[position] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(Cursor(String(decoding: other, as: UTF8.self)) == nil)
        }
        for other in ["", "A", String(repeating: "A", count: 16), String(repeating: "=", count: 16), "ääääääää"] {
            #expect(Cursor(other) == nil)
        }
        #expect(Cursor(String(decoding: text.dropLast(), as: UTF8.self)) == nil)
    }
}
