import Testing
import WaypostCore
import WaypostHTTP
import WaypostJSON
import WaypostStore

@testable import WaypostAPI

@Suite struct SuppressionTests {
    static let suppression = Suppression(
        channel: .email, address: "jane@example.com", reason: .complaint, source: "api:shop", detail: "She wrote.",
        createdAt: noon, expiresAt: noon + .seconds(60))

    /// For the validator.
    static let answers: [(schema: String, body: [UInt8])] = [
        ("Suppression", SuppressionBody.bytes(suppression)),
        (
            "SuppressionPage",
            ListBody.bytes(
                [Suppression(channel: .push, address: nil, reason: .deadToken, source: "fcm", createdAt: noon)],
                next: Cursor(seq: 2), SuppressionBody.write)
        ),
        ("SuppressionsImported", ImportTally().body),
    ]

    @Test func `a suppression is shown with all that is known of it`() throws {
        let json = try JSONValue(parsing: SuppressionBody.bytes(Self.suppression))
        #expect(
            json == [
                "channel": "email", "address": "jane@example.com", "reason": "complaint", "source": "api:shop",
                "detail": "She wrote.", "created_at": .string(noon.description),
                "expires_at": .string((noon + .seconds(60)).description),
            ])
    }

    @Test func `a body says why and how long, and nothing of it must be said`() throws {
        func read(_ text: String) throws -> Result<SuppressionFields, Problem> {
            SuppressionFields.decode(try JSONValue(parsing: Array(text.utf8)), at: noon)
        }
        #expect(try read("{}").get() == .init(reason: .manual, detail: nil, expiresAt: nil))
        #expect(try read(#"{"for": "1m"}"#).get().expiresAt == noon + .seconds(60))
        let moment = (noon + .seconds(5)).description
        #expect(
            try read(#"{"reason": "opt_out", "detail": "a", "expires_at": "\#(moment)"}"#).get()
                == .init(reason: .optOut, detail: "a", expiresAt: noon + .seconds(5)))
        for (text, expected) in [
            (#"{"reason": "bored"}"#, ProblemCode.invalid), (#"{"expires_at": "\#(noon)"}"#, .invalid),
            (#"{"for": "1m", "expires_at": "\#(moment)"}"#, .invalid), (#"{"source": "me"}"#, .malformed),
            (#"{"detail": "a\nb"}"#, .invalid), ("[]", .malformed),
        ] {
            #expect(code(try read(text)) == expected, "\(text)")
        }
    }

    @Test(
        arguments: [
            (Channel.email, "Jane@Example.COM", "jane@example.com"), (.email, "jane", nil), (.email, "", nil),
            (.email, "jane@exämple.com", "jane@xn--exmple-cua.com"), (.sms, "+1 (415) 555-0100", "+14155550100"),
            (.sms, "4155550100", nil), (.whatsapp, "+14155550100", "+14155550100"), (.voice, "+0123456789", nil),
            (.push, "Fcm:Token", "Fcm:Token"), (.push, "a b", nil),
            (.push, String(repeating: "AB", count: 32), String(repeating: "ab", count: 32)),
            (.realtime, "jane", "jane"),
        ] as [(Channel, String, String?)])
    func `an address is checked and written as a recipient is`(channel: Channel, text: String, normal: String?) {
        #expect((try? ListedAddress(text, on: channel))?.address == normal)
    }

    @Test func `a list is asked for by what its rows say`() throws {
        let query = try SuppressionQuery.parse(
            "limit=5&channel=sms&reason=opt_out&source=twilio&address=+14155550100&after=\(Cursor(seq: 9))"
        ).get()
        #expect(query.limit == 5 && query.after == Cursor(seq: 9))
        #expect(query.filter.channel == .sms && query.filter.reason == .optOut && query.filter.source == "twilio")
        #expect(query.filter.address == "+14155550100")
        for (text, expected) in [
            ("address=jane@example.com", ProblemCode.invalid), ("channel=sms&address=jane", .invalid),
            ("reason=none", .invalid), ("limit=0", .invalid), ("colour=red", .malformed), ("after=x", .invalid),
        ] {
            #expect(code(SuppressionQuery.parse(Substring(text))) == expected, "\(text)")
        }
    }
}

/// Rows of an import.
@Suite struct SuppressionRowsTests {
    private func rows(
        _ body: String, type: String = "text/csv", channel: Channel? = nil
    ) throws -> [Result<Suppression, SuppressionRows.Rejected>] {
        let request = HTTPRequest(
            method: "POST", target: "/v1/suppressions/import", headers: HTTPHeaders(["Content-Type": type]),
            body: Array(body.utf8))
        var rows = try SuppressionRows(request, .init(channel: channel, source: "import:shop", now: noon))
        var found: [Result<Suppression, SuppressionRows.Rejected>] = []
        while let row = try rows.next() { found.append(row) }
        return found
    }

    /// Each row in short: `email jane@example.com manual`, or `row: what is wrong`.
    private func words(_ rows: [Result<Suppression, SuppressionRows.Rejected>]) -> [String] {
        rows.map { row in
            switch row {
            case .success(let one):
                "\(one.channel.rawValue) \(one.address ?? "") \(one.reason.rawValue)"
                    + (one.detail.map { " (\($0))" } ?? "") + (one.expiresAt == nil ? "" : " until")
            case .failure(let error): "\(error.row): \(error.detail)"
            }
        }
    }

    @Test func `columns come in any order, with quotes, blank lines and either line end`() throws {
        let text =
            "\u{FEFF}Reason, ADDRESS,detail,channel,expires_at\r\n"
            + "complaint,Jane@Example.com,\"said \"\"no\"\", twice\",email,\r\n\n"
            + "\"opt_out\",\"+1 415 555 0100\",,\"sms\",\"2099-01-01T00:00:00Z\"\n" + ",joe@example.com,,email,"
        #expect(
            try words(rows(text)) == [
                #"email jane@example.com complaint (said "no", twice)"#, "sms +14155550100 opt_out until",
                "email joe@example.com manual",
            ])
    }

    @Test func `a bad row is told of by number and spoils no other`() throws {
        let text = """
            address,reason
            jane,manual
            joe@example.com,bored
            "joe@example.com"x,manual
            joe@example.com
            a"b@example.com,manual
            ,manual
            joe@example.com,manual
            "jill@example.com,manual
            jack@example.com,manual
            """
        let found = try words(rows(text, channel: .email))
        #expect(found.count == 9)
        #expect(found[0] == "1: address is not an email address: it has no @")
        #expect(found[1].hasPrefix("2: reason must be one of hard_bounce, "))
        #expect(found[2] == "3: goes on after the quote that ends a field")
        #expect(found[3] == "4: has 1 fields where the header has 2")
        #expect(found[4] == "5: holds a quote in a field that does not begin with one")
        #expect(found[5] == "6: address is missing")
        #expect(found[6] == "email joe@example.com manual")
        #expect(found[7] == "8: has a quote that is not closed")
        #expect(found[8] == "email jack@example.com manual")
    }

    @Test(arguments: [
        "", "address\n", "channel,reason\n", "channel,address,colour\n", "channel,address,address\n",
        "\"channel,address\n",
    ])
    func `a head that cannot be understood refuses the whole`(text: String) {
        #expect(throws: Problem.self) { try rows(text) }
    }

    @Test(arguments: [
        #"{"suppressions": [{"channel": "email", "address": "a@example.com", "detail": null}, {"address": "b@example.com"}]}"#,
        #" [ {"channel":"email","address":"a@example.com"} , {"address":"b@example.com","reason":"manual"} ] "#,
    ])
    func `JSON comes as an array or within an object`(text: String) throws {
        #expect(
            try words(rows(text, type: "application/json; charset=utf-8")) == [
                "email a@example.com manual", "2: channel is missing",
            ])
    }

    @Test func `what is no row of ours is told of by number`() throws {
        let text =
            #"[1, {"address": 5}, {"address": "a@example.com", "x": "]}"}, {"address": "a\"b@x"}, "a,b", [], {}]"#
        let found = try words(rows(text, type: "application/json", channel: .email))
        #expect(found.count == 7)
        #expect(found[0] == "1: must be an object, not a number")
        #expect(found[1] == "2: address must be a string, not a number")
        #expect(found[2].hasPrefix("3: has a field that is not known here"))
        #expect(found[3].hasPrefix("4: address is not an email address"))
        #expect(found[4] == "5: must be an object, not a string")
        #expect(found[5] == "6: must be an object, not an array")
        #expect(found[6] == "7: address is missing")
    }

    @Test(arguments: ["[]", " { \"suppressions\" : [ ] } "])
    func `no rows are none`(text: String) throws {
        #expect(try rows(text, type: "application/json").isEmpty)
    }

    @Test(arguments: [
        "", "{}", "[", "[1", "[1,]", "[1 2]", "[1] x", #"{"suppressions": 1}"#, #"{"suppressions": []"#,
        #"{"suppressions": [], "more": 1}"#, #"{"a": []}"#, #"["a]"#, #"[{"a":}]"#, "[1,,2]", "[}", "[\"\\",
    ])
    func `broken JSON is malformed as a whole`(text: String) {
        #expect {
            try rows(text, type: "application/json")
        } throws: {
            ($0 as? Problem)?.code == .malformed
        }
    }

    @Test func `another content type is refused`() {
        #expect {
            try rows("address\n", type: "text/plain", channel: .email)
        } throws: {
            ($0 as? Problem)?.code == .unsupportedMediaType
        }
    }
}
