import Testing
import WaypostHTTP
import WaypostJSON

@testable import WaypostSandbox

@Suite struct TwilioStandInTests {
    private static let account = "AC00000000000000000000000000005a4d"
    private static let folder = "/2010-04-01/Accounts/\(account)"
    /// 2025-01-15T12:00:00Z.
    private static let now: Int64 = 1_736_942_400_000

    private let standIn = TwilioStandIn(.init())

    private func verdict(
        _ method: String, _ target: String, _ body: [UInt8] = [], user: String = account, password: String = "sandbox",
        type: String = "application/x-www-form-urlencoded", at wall: Int64 = now
    ) -> Verdict {
        let headers = HTTPHeaders(["Authorization": Fixture.basic(user, password), "Content-Type": type])
        let request = HTTPRequest(method: method, target: target, headers: headers, body: body)
        return standIn.verdict(on: request, asking: standIn.operation(method, request.path), at: wall)
    }

    /// Sends, and takes what is accepted, as the service around the stand-in does.
    @discardableResult
    private func send(
        _ changes: [(String, String)] = [], to resource: String = "Messages", at wall: Int64 = now
    ) -> Verdict {
        let base =
            resource == "Messages"
            ? [("To", "+15558675310"), ("From", "+15550100001"), ("Body", "Hello")]
            : [("To", "+15558675310"), ("From", "+15550100003"), ("Twiml", "<Response><Say>Hi</Say></Response>")]
        // An empty text leaves a parameter out.
        let fields = base.filter { field in !changes.contains { $0.0 == field.0 } } + changes.filter { !$0.1.isEmpty }
        let verdict = verdict("POST", "\(Self.folder)/\(resource).json", Fixture.form(fields), at: wall)
        if verdict.isAccepted, let made = verdict.resource, let sid = verdict.reference {
            standIn.keep(made, as: sid, at: wall)
        }
        return verdict
    }

    @Test func `a message is answered with the whole resource, its numbers as strings`() {
        let verdict = send([("StatusCallback", "https://w.example.com/s?n=msg_1&a=att_1")])
        let json = verdict.response.json
        #expect(verdict.response.status == 201 && verdict.isAccepted)
        #expect(json["sid"]?.string == verdict.reference && verdict.reference?.isSid("SM") == true)
        #expect(json["status"]?.string == "queued" && json["direction"]?.string == "outbound-api")
        #expect(json["num_segments"]?.string == "1" && json["num_media"]?.string == "0")
        #expect(json["date_created"]?.string == "Wed, 15 Jan 2025 12:00:00 +0000")
        #expect(json["error_code"] == .null && json["price"] == .null && json["messaging_service_sid"] == .null)
        #expect(verdict.takes == [Take(message: "msg_1", attempt: "att_1", recipients: ["+15558675310"])])
    }

    @Test func `a service chooses the sender later, media make it an MMS`() {
        let service = send([("From", ""), ("MessagingServiceSid", "MG00000000000000000000000000000001")]).response.json
        #expect(service["status"]?.string == "accepted" && service["from"] == .null)
        #expect(service["num_segments"]?.string == "0")
        let media = send([
            ("Body", ""), ("MediaUrl", "https://a.example.com/1"), ("MediaUrl", "https://a.example.com/2"),
        ])
        #expect(media.reference?.isSid("MM") == true && media.response.json["num_media"]?.string == "2")
        let chat = send([
            ("To", "whatsapp:+15558675310"), ("From", "whatsapp:+15550100002"), ("Body", ""),
            ("ContentSid", "HX00000000000000000000000000000001"), ("ContentVariables", #"{"1":"Ann"}"#),
        ])
        #expect(chat.isAccepted && chat.takes.first?.recipients == ["+15558675310"])
    }

    /// Changes to a whole form, and Twilio's code for what is wrong with it then.
    struct Wrong: Sendable {
        let code: Int64
        let changes: [(String, String)]

        init(_ code: Int64, _ changes: [(String, String)]) {
            self.code = code
            self.changes = changes
        }
    }

    private static let wrongMessages: [Wrong] = [
        Wrong(21_604, [("To", "")]),
        Wrong(21_211, [("To", "15558675310")]),
        Wrong(21_211, [("To", "+0555867531")]),
        Wrong(21_211, [("To", "fax:+15558675310")]),
        Wrong(21_603, [("From", "")]),
        Wrong(21_212, [("From", "ASenderTooLong")]),
        Wrong(21_910, [("From", "whatsapp:+15550100002")]),
        Wrong(21_266, [("From", "+15558675310")]),
        Wrong(21_705, [("MessagingServiceSid", "MG1")]),
        Wrong(21_619, [("Body", "")]),
        Wrong(21_617, [("Body", String(repeating: "x", count: 1_601))]),
        Wrong(21_620, [("MediaUrl", "ftp://a.example.com/1")]),
        Wrong(21_623, Array(repeating: ("MediaUrl", "https://a.example.com/1"), count: 11)),
        Wrong(21_655, [("ContentSid", "HX1")]),
        Wrong(21_654, [("ContentVariables", "{}")]),
        Wrong(21_656, [("ContentSid", "HX00000000000000000000000000000001"), ("ContentVariables", #"["Ann"]"#)]),
        Wrong(21_609, [("StatusCallback", "https://w_w.example.com/")]),
        Wrong(21_609, [("StatusCallback", "/status")]),
        Wrong(21_624, [("ValidityPeriod", "0")]),
        Wrong(21_624, [("ValidityPeriod", "36001")]),
        Wrong(20_001, [("MaxPrice", "1")]),
        Wrong(20_001, [("SmartEncoded", "yes")]),
        Wrong(20_001, [("Subject", "Hi")]),
        Wrong(20_001, [("To", "+1555"), ("To", "+1")]),
        Wrong(35_111, [("ScheduleType", "fixed")]),
        Wrong(35_118, [("ScheduleType", "fixed"), ("SendAt", "2025-01-15T13:00:00Z")]),
        Wrong(
            35_114,
            [
                ("MessagingServiceSid", "MG00000000000000000000000000000001"), ("ScheduleType", "fixed"),
                ("SendAt", "2025-01-15T12:01:00Z"),
            ]),
        Wrong(21_211, [("To", "+15005550001")]),
        Wrong(21_612, [("To", "+15005550002")]),
        Wrong(21_408, [("To", "+15005550003")]),
        Wrong(21_610, [("To", "+15005550004")]),
        Wrong(21_614, [("To", "+15005550009")]),
        Wrong(21_611, [("From", "+15005550008")]),
    ]

    @Test(arguments: wrongMessages)
    func `what is wrong with a message is refused by Twilio's code`(wrong: Wrong) {
        let verdict = send(wrong.changes)
        let json = verdict.response.json
        #expect(verdict.response.status == 400 && !verdict.isAccepted)
        #expect(json["code"]?.integer == wrong.code, "\(json)")
        #expect(json["status"]?.integer == 400 && json["more_info"]?.string?.hasSuffix("/\(wrong.code)") == true)
    }

    @Test(
        arguments: [
            [("ValidityPeriod", "36000")], [("Body", String(repeating: "x", count: 1_600))],
            Array(repeating: ("MediaUrl", "https://a.example.com/1"), count: 10), [("From", "Example")],
            [("From", "12345")],
            [("StatusCallback", "http://127.0.0.1:8080/webhooks/twilio/status?n=msg_1")],
            [
                ("MessagingServiceSid", "MG00000000000000000000000000000001"), ("ScheduleType", "fixed"),
                ("SendAt", "2025-01-15T12:05:00Z"),
            ],
        ] as [[(String, String)]])
    func `what is at the edge passes`(changes: [(String, String)]) {
        let verdict = send(changes)
        #expect(verdict.isAccepted, "\(verdict.response.json)")
    }

    @Test func `a call is answered with the whole resource`() {
        let verdict = send(
            [("StatusCallback", "https://w.example.com/v?n=msg_1&a=att_1"), ("StatusCallbackEvent", "answered")],
            to: "Calls")
        #expect(verdict.response.status == 201 && verdict.reference?.isSid("CA") == true)
        #expect(verdict.response.json["status"]?.string == "queued")
        #expect(verdict.takes == [Take(message: "msg_1", attempt: "att_1", recipients: ["+15558675310"])])
    }

    private static let wrongCalls: [Wrong] = [
        Wrong(21_201, [("To", "")]),
        Wrong(21_213, [("From", "")]),
        Wrong(21_211, [("To", "5558675310")]),
        Wrong(21_212, [("From", "Example")]),
        Wrong(21_205, [("Twiml", "")]),
        Wrong(20_001, [("Url", "https://a.example.com/")]),
        Wrong(12_100, [("Twiml", "<Response><Say>Fish & chips</Say></Response>")]),
        Wrong(12_100, [("Twiml", "<Response><Say>Hi</Response>")]),
        Wrong(12_100, [("Twiml", "<Say>Hi</Say>")]),
        Wrong(21_626, [("StatusCallbackEvent", "begun")]),
        Wrong(20_001, [("Timeout", "601")]),
        Wrong(20_001, [("Record", "1")]),
        Wrong(20_001, [("RecordingChannels", "stereo")]),
        Wrong(20_001, [("MachineDetection", "On")]),
        Wrong(20_001, [("Method", "PUT")]),
        Wrong(20_001, [("SendDigits", "12x")]),
        Wrong(20_001, [("Body", "Hi")]),
        Wrong(21_217, [("To", "+15005550001")]),
        Wrong(21_215, [("To", "+15005550003")]),
    ]

    @Test(arguments: wrongCalls)
    func `what is wrong with a call is refused by Twilio's code`(wrong: Wrong) {
        let verdict = send(wrong.changes, to: "Calls")
        #expect(verdict.response.status == 400 && !verdict.isAccepted)
        #expect(verdict.response.json["code"]?.integer == wrong.code, "\(verdict.response.json)")
    }

    @Test func `who may ask and for what`() {
        let key = "SK00000000000000000000000000005a4d"
        let account = verdict("GET", "\(Self.folder).json").response.json
        #expect(account["status"]?.string == "active" && account["auth_token"]?.string == "sandbox")
        #expect(verdict("GET", "\(Self.folder).json", user: key).response.status == 401, "a key may not read accounts")
        #expect(verdict("GET", "\(Self.folder)/Messages.json?PageSize=1", user: key).response.status == 200)
        let stranger = verdict("GET", "\(Self.folder).json", password: "other").response
        #expect(stranger.status == 401 && stranger.json["code"]?.integer == 20_003)
        for (method, path, status) in [
            ("GET", "/2010-04-01/Accounts/AC1/Messages.json", 404), ("GET", "\(Self.folder)/Messages", 404),
            ("GET", "\(Self.folder)/Messages/SM1.json", 404), ("DELETE", "\(Self.folder)/Messages.json", 405),
            ("GET", "\(Self.folder)/Balance.json", 200), ("GET", "/", 404),
        ] { #expect(verdict(method, path).response.status == status, "\(method) \(path)") }
        let text = verdict("POST", "\(Self.folder)/Messages.json", Array("{}".utf8), type: "application/json")
        #expect(text.response.status == 415)
        #expect(verdict("POST", "\(Self.folder)/Messages.json", Array("To=%zz".utf8)).response.status == 400)
    }

    @Test func `what was taken is found by its sid, and by whom and when`() throws {
        let first = try #require(send().reference)
        let second = try #require(send([("To", "+15558675311")], at: Self.now + 86_400_000).reference)
        send([("To", "+1")])
        let call = try #require(send(to: "Calls").reference)
        let fetched = verdict("GET", "\(Self.folder)/Messages/\(first).json").response.json
        #expect(fetched["status"]?.string == "sent" && fetched["date_sent"]?.string != nil)
        #expect(verdict("GET", "\(Self.folder)/Calls/\(call).json").response.status == 200)
        #expect(verdict("GET", "\(Self.folder)/Messages/\(call).json").response.status == 404)
        func sids(_ query: String) -> [String] {
            let list = verdict("GET", "\(Self.folder)/Messages.json?\(query)").response.json["messages"]?.array ?? []
            return list.compactMap { $0["sid"]?.string }
        }
        #expect(sids("") == [second, first])
        #expect(sids("To=%2B15558675310") == [first])
        #expect(sids("From=%2B15550100001&DateSent=2025-01-15") == [first])
        #expect(sids("DateSent%3E=2025-01-16") == [second])
        #expect(sids("DateSent>=2025-01-15") == [second, first])
        #expect(sids("DateSent%3C=2025-01-15") == [first])
        #expect(sids("DateSent%3E=2025-01-15T12:00:01Z") == [second])
        #expect(sids("PageSize=1") == [second] && sids("PageSize=1&Page=1") == [first])
        #expect(verdict("GET", "\(Self.folder)/Messages.json?Too=1").response.status == 400)
        #expect(verdict("GET", "\(Self.folder)/Messages.json?DateSent=today").response.status == 400)
    }

    @Test(
        arguments: [
            (400, nil, 20_001), (401, nil, 20_003), (403, nil, 20_403), (404, nil, 20_404), (429, nil, 20_429),
            (500, nil, 20_500), (400, "21610", 21_610), (503, "out of order", 20_503),
        ] as [(Int, String?, Int64)])
    func `a fault has the code of its status, or the one it names`(status: Int, error: String?, code: Int64) {
        var answer = Fault.Answer(status)
        answer.error = error
        let response = standIn.failure(answer)
        #expect(response.status == status && response.json["status"]?.integer == Int64(status))
        #expect(response.json["code"]?.integer == code)
        if code == 20_503 { #expect(response.json["message"]?.string == error) }
    }
}
