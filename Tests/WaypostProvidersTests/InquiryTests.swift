import Testing
import WaypostCore
import WaypostHTTP
import WaypostJSON

@testable import WaypostProviders

/// Whether a provider has the message of an attempt whose answer was lost.
@Suite struct InquiryTests {
    private static let endedAt = Fixture.now + .seconds(10)

    private static func asked(_ provider: some InquirableProvider, _ context: AttemptContext) throws -> HTTPRequest {
        try #require(try provider.inquiry(about: context, endedAt: endedAt).http)
    }

    /// What stands behind the question mark, decoded, in order.
    private static func query(_ request: HTTPRequest) -> [String] {
        TransportRequest.http(HTTPRequest(method: "GET", target: "", body: Array(request.query.utf8))).form
    }

    // MARK: Twilio

    /// One item of a list, made so many seconds after the attempt began.
    private static func item(
        _ sid: String, _ body: String? = "Hello", after seconds: Int64 = 1, direction: String = "outbound-api"
    ) -> JSONValue {
        let time = Fixture.now + .seconds(seconds)
        let (year, month, day, second) = time.civil
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let clock = [second / 3600, second / 60 % 60, second % 60].map(two).joined(separator: ":")
        return [
            "sid": .string(sid), "body": body.map(JSONValue.string) ?? .null, "direction": .string(direction),
            "date_created": .string("Thu, \(two(day)) \(HTTPDate.months[month - 1]) \(year) \(clock) +0000"),
        ]
    }

    private static func finding(
        _ items: [JSONValue], of content: Content = Fixture.sms(), by twilio: Twilio = Fixture.twilio(),
        template: AppliedTemplate? = nil, date: String? = nil, more: JSONValue = .null
    ) -> InquiryFinding {
        let body: JSONValue = [
            content.channel == .voice ? "calls" : "messages": .array(items), "next_page_uri": more,
        ]
        var headers = HTTPHeaders(["Content-Type": "application/json"])
        if let date { headers.add("Date", date) }
        return twilio.finding(
            in: .http(HTTPResponse(status: 200, headers: headers, body: body.bytes)),
            about: Fixture.context(content, template: template), endedAt: endedAt, at: endedAt + .seconds(2))
    }

    @Test func `Twilio is asked for the recipient and the day, and for the sender where that is known`() throws {
        let day = String(Fixture.now.description.prefix(10))
        let byService = try Self.asked(Fixture.twilio(), Fixture.context(Fixture.sms()))
        #expect(byService.method == "GET")
        #expect(byService.path == "http://127.0.0.1:1/2010-04-01/Accounts/\(Fixture.accountSID)/Messages.json")
        #expect(byService.headers["Authorization"]?.hasPrefix("Basic ") == true)
        #expect(Self.query(byService) == ["To=+31612345678", "DateSent>=\(day)", "PageSize=1000"])
        for (content, expected) in [
            (Fixture.sms { $0.from = "+15550100" }, ["To=+31612345678", "From=+15550100"]),
            (Fixture.whatsapp("Hi"), ["To=whatsapp:+31612345678", "From=whatsapp:+15550101"]),
        ] {
            let request = try Self.asked(Fixture.twilio(), Fixture.context(content))
            #expect(Self.query(request) == expected + ["DateSent>=\(day)", "PageSize=1000"])
        }
        let call = try Self.asked(Fixture.twilio(), Fixture.context(Fixture.say()))
        #expect(call.path.hasSuffix("/Calls.json"))
        #expect(
            Self.query(call) == ["To=+31612345678", "From=+15550102", "StartTime>=\(day)", "PageSize=1000"])
    }

    @Test func `of what Twilio shows, text, time and direction tell which it is`() {
        let table: [([JSONValue], InquiryFinding)] = [
            ([], .nothing),
            ([Self.item("SM1")], .found(references: ["SM1"])),
            ([Self.item("SM1", "Another")], .nothing),
            ([Self.item("SM1", direction: "inbound")], .nothing),
            // Whole seconds, and clocks that nobody compared.
            ([Self.item("SM1", after: -5)], .found(references: ["SM1"])),
            ([Self.item("SM1", after: -6)], .nothing),
            ([Self.item("SM1", after: 40)], .found(references: ["SM1"])),
            ([Self.item("SM1", after: 41)], .nothing),
            // Alike messages: the nearest in time first; which of them others own is not for the adapter to say.
            (
                [Self.item("SM3", after: 9), Self.item("SM2", "Another"), Self.item("SM1", after: 2)],
                .found(references: ["SM1", "SM3"])
            ),
            // Texts that the account has blotted out.
            ([Self.item("SM1", "")], .perhaps(references: ["SM1"])),
        ]
        for (items, expected) in table { #expect(Self.finding(items) == expected, "\(items)") }
    }

    @Test func `Twilio's clock is compared with ours by the answer's date`() {
        // The answer came at +12 s by our clock, and Twilio's is five minutes ahead.
        let ahead = "Wed, 15 Jan 2025 12:05:12 GMT"
        let now = Fixture.now
        #expect(now.description == "2025-01-15T12:00:00.000Z")
        #expect(Self.finding([Self.item("SM1", after: 301)], date: ahead) == .found(references: ["SM1"]))
        #expect(Self.finding([Self.item("SM1", after: 1)], date: ahead) == .nothing)
        #expect(Self.finding([Self.item("SM1", after: 301)]) == .nothing)
    }

    @Test func `where the text is not known, or may have been rewritten, anything to the recipient may be it`() {
        let template = Fixture.template(["twilio": "HX1"])
        #expect(Self.finding([Self.item("SM1", "Dear Ann")], template: template) == .perhaps(references: ["SM1"]))
        #expect(Self.finding([Self.item("CA1", nil)], of: Fixture.say()) == .perhaps(references: ["CA1"]))
        let curly = "It\u{2019}s"
        let rewritten = [Self.item("SM1", "It's")]
        #expect(Self.finding(rewritten, of: Fixture.sms(curly)) == .perhaps(references: ["SM1"]))
        #expect(Self.finding(rewritten, of: Fixture.sms(curly) { $0.smartEncoded = false }) == .nothing)
        #expect(
            Self.finding(rewritten, of: Fixture.sms(curly) { ($0.from, $0.smartEncoded) = ("+15550100", true) })
                == .perhaps(references: ["SM1"]))
        #expect(Self.finding(rewritten, of: Fixture.sms(curly) { $0.from = "+15550100" }) == .nothing)
    }

    @Test func `what Twilio does not show, or refuses to, is no answer`() {
        #expect(Self.finding([Self.item("SM1")], more: "/next") == .found(references: ["SM1"]))
        guard case .unknown = Self.finding([Self.item("SM1", "Another")], more: "/next") else {
            Issue.record("there is another page")
            return
        }
        for reply in [
            Fixture.response(500, HTTPHeaders(), ""), Fixture.response(200, HTTPHeaders(), "what"),
            Fixture.response(401, HTTPHeaders(), #"{"code":20003,"message":"Authenticate","status":401}"#),
        ] {
            let finding = Fixture.twilio().finding(
                in: reply, about: Fixture.context(Fixture.sms()), endedAt: Self.endedAt, at: Self.endedAt)
            guard case .unknown(let reason) = finding else {
                Issue.record("\(finding)")
                return
            }
            #expect(reason.hasPrefix("Twilio"))
        }
    }

    // MARK: MessageBird

    private static func bird(_ body: String, status: Int = 200) throws -> InquiryFinding {
        try Fixture.messageBird().finding(
            in: Fixture.response(status, HTTPHeaders(), body), about: Fixture.context(Fixture.sms()),
            endedAt: endedAt, at: endedAt)
    }

    @Test func `MessageBird is asked for the recipient's messages around that time`() throws {
        let request = try Self.asked(try Fixture.messageBird(), Fixture.context(Fixture.sms()))
        #expect(request.path == "http://127.0.0.1:1/messages")
        #expect(request.headers["Authorization"] == "AccessKey \(Fixture.accessKey)")
        #expect(
            Self.query(request) == [
                "recipient=31612345678", "from=2025-01-15T11:50:00Z", "until=2025-01-15T12:10:10Z", "limit=100",
            ])
    }

    @Test func `our id in the reference tells which of MessageBird's it is`() throws {
        let own = #"{"id":"m1","reference":"\#(Fixture.id)"}"#
        let other = #"{"id":"m2","reference":"01ARZ3NDEKTSV4RRFFQ69G5FAV"}"#
        for (body, expected) in [
            (#"{"items":[],"totalCount":0}"#, InquiryFinding.nothing),
            (#"{"items":[\#(other)],"totalCount":1}"#, .nothing),
            (#"{"items":[\#(other),\#(own)],"totalCount":2}"#, .found(references: ["m1"])),
            (#"{"items":[{"id":"m3","reference":null}],"totalCount":1}"#, .nothing),
        ] {
            #expect(try Self.bird(body) == expected, "\(body)")
        }
        for (body, status) in [
            (#"{"items":[\#(other)],"totalCount":101}"#, 200), ("what", 200), ("", 500),
            (#"{"errors":[{"code":2,"description":"Request not allowed","parameter":"access_key"}]}"#, 401),
        ] {
            guard case .unknown(let reason) = try Self.bird(body, status: status) else {
                Issue.record("\(body)")
                continue
            }
            #expect(reason.hasPrefix("MessageBird"))
        }
    }

    @Test func `only texts are on MessageBird's list`() throws {
        let bird = try Fixture.messageBird()
        func evidence(_ content: Content) -> Evidence { bird.evidence(for: Fixture.message(content)) }
        #expect(evidence(Fixture.sms()) == .inquiry)
        #expect(evidence(Fixture.sms { $0.mediaURLs = ["https://example.com/a.png"] }) == .none)
        let told = bird.reportsDelivery ? Evidence.callback : .none
        #expect(evidence(Fixture.whatsapp("Hi")) == told)
        #expect(evidence(Fixture.say()) == told)
        for content in [Fixture.sms(), Fixture.whatsapp("Hi"), Fixture.say()] {
            #expect(Fixture.twilio().evidence(for: Fixture.message(content)) == .inquiry)
        }
    }
}
