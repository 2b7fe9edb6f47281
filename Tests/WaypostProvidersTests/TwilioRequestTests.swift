import Testing
import WaypostConfiguration
import WaypostCore
import WaypostCrypto
import WaypostHTTP
import WaypostJSON

@testable import WaypostProviders

/// What is sent to Twilio, and what is not.
@Suite struct TwilioRequestTests {
    private let status = "StatusCallback=\(Fixture.callback("twilio", "status"))"

    private func form(_ content: Content, template: AppliedTemplate? = nil, _ provider: Twilio = Fixture.twilio())
        throws
        -> [String]
    {
        try provider.request(for: Fixture.context(content, template: template)).form
    }

    @Test func `a text is one form post`() throws {
        let request = try #require(Fixture.twilio().request(for: Fixture.context(Fixture.sms("Grüße & 50% 👋"))).http)
        #expect(request.method == "POST")
        #expect(request.target == "http://127.0.0.1:1/2010-04-01/Accounts/\(Fixture.accountSID)/Messages.json")
        #expect(request.headers["Content-Type"] == "application/x-www-form-urlencoded")
        #expect(request.headers["traceparent"] == Fixture.traceparent)
        let credentials = Base64.encode(Array("\(Fixture.accountSID):\(Fixture.authToken)".utf8))
        #expect(request.headers["Authorization"] == "Basic \(credentials)")
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == "To=%2B31612345678&MessagingServiceSid=MG1&Body=Gr%C3%BC%C3%9Fe+%26+50%25+%F0%9F%91%8B"
                + "&StatusCallback=https%3A%2F%2Fwaypost.example.com%2Fwebhooks%2Ftwilio%2Fstatus%3Fn%3D"
                + "\(Fixture.id)%26a%3D\(Fixture.attempt)")
    }

    @Test func `an API key signs in, and the path keeps the account`() throws {
        let keyed = Fixture.twilio { $0.apiKey = .init(sid: "SK1", secret: Secret(Fixture.keySecret)) }
        let request = try #require(keyed.request(for: Fixture.context(Fixture.sms())).http)
        #expect(request.headers["Authorization"] == "Basic \(Base64.encode(Array("SK1:\(Fixture.keySecret)".utf8)))")
        #expect(request.target.contains("/Accounts/\(Fixture.accountSID)/"))
    }

    @Test func `all that a text can say is said`() throws {
        let content = Fixture.sms("Hi") {
            $0.from = "Shop"
            $0.mediaURLs = ["https://x.example/a.png?b=1&c=2", "https://x.example/b.png"]
            $0.validity = .seconds(90)
            $0.smartEncoded = true
            $0.sendAsMMS = false
        }
        #expect(
            try form(content) == [
                "To=+31612345678", "From=Shop", "Body=Hi", "MediaUrl=https://x.example/a.png?b=1&c=2",
                "MediaUrl=https://x.example/b.png", status, "ValidityPeriod=90", "SmartEncoded=true", "SendAsMms=false",
            ])
    }

    @Test func `the configured number sends where there is no service`() throws {
        let provider = Fixture.twilio {
            $0.messagingServiceSID = nil
            $0.from = "+15550100"
        }
        #expect(try form(Fixture.sms(), provider)[1] == "From=+15550100")
    }

    @Test(arguments: [(0, "1"), (1, "1"), (1500, "2"), (36_000_000, "36000"), (90_000_000, "36000")])
    func `a validity is whole seconds within Twilio's bounds`(milliseconds: Int, seconds: String) throws {
        let content = Fixture.sms { $0.validity = .milliseconds(milliseconds) }
        #expect(try form(content).last == "ValidityPeriod=\(seconds)")
    }

    @Test func `a template stands in place of the text`() throws {
        let template = Fixture.template(["twilio": "HX1"], hasText: true, variables: ["1": "Ann \"ü\"", "2": 3])
        #expect(
            try form(Fixture.sms("own words"), template: template) == [
                "To=+31612345678", "MessagingServiceSid=MG1", "ContentSid=HX1",
                #"ContentVariables={"1":"Ann \"ü\"","2":"3"}"#, status,
            ])
        let elsewhere = Fixture.template(["messagebird": "x"], hasText: true)
        #expect(try form(Fixture.sms("own words"), template: elsewhere).contains("Body=own words"))
    }

    @Test func `WhatsApp addresses wear its name`() throws {
        let content = Fixture.whatsapp("Hallo") {
            $0.mediaURLs = ["https://x.example/a.png"]
            $0.validity = .seconds(60)
        }
        #expect(
            try form(content) == [
                "To=whatsapp:+31612345678", "From=whatsapp:+15550101", "Body=Hallo",
                "MediaUrl=https://x.example/a.png", status, "ValidityPeriod=60",
            ])
        let named = Fixture.whatsapp("Hallo") { $0.from = "whatsapp:+15550199" }
        #expect(try form(named)[1] == "From=whatsapp:+15550199")
        #expect(try form(content, Fixture.twilio { $0.whatsappFrom = nil })[1] == "MessagingServiceSid=MG1")
    }

    @Test func `a WhatsApp template is named by its ContentSid, or mapped to one`() throws {
        let variables = [Message.KeyValue(key: "2", value: "b"), .init(key: "1", value: "a")]
        let direct = Fixture.whatsapp { $0.template = .init(name: "HX9", language: "en", variables: variables) }
        let expected = ["ContentSid=HX9", #"ContentVariables={"2":"b","1":"a"}"#]
        #expect(try form(direct)[2...3] == expected[...])
        let mapped = Fixture.whatsapp { $0.template = .init(name: "order", language: "en", variables: variables) }
        #expect(try form(mapped, template: Fixture.template(["twilio": "HX9"]))[2...3] == expected[...])
        let silent = Fixture.whatsapp { $0.template = .init(name: "HX9", language: "en") }
        #expect(try form(silent).filter { $0.hasPrefix("Content") } == ["ContentSid=HX9"])
        let applied = Fixture.template(["twilio": "HX9"], variables: ["1": "Ann"])
        #expect(try form(Fixture.whatsapp(), template: applied).contains(#"ContentVariables={"1":"Ann"}"#))
    }

    @Test func `a text is spoken by TwiML of ours`() throws {
        let content = Fixture.voice(.say(text: "Tom & \"Jerry\" <3\u{1}", language: "en-GB"))
        let request = try Fixture.twilio().request(for: Fixture.context(content))
        #expect(
            request.http?.target == "http://127.0.0.1:1/2010-04-01/Accounts/\(Fixture.accountSID)/Calls.json")
        #expect(
            request.form == [
                "To=+31612345678", "From=+15550102",
                "Twiml=<Response><Say language=\"en-GB\">Tom &amp; &quot;Jerry&quot; &lt;3 </Say></Response>",
                "StatusCallback=\(Fixture.callback("twilio", "voice"))", "StatusCallbackEvent=initiated",
                "StatusCallbackEvent=ringing", "StatusCallbackEvent=answered", "StatusCallbackEvent=completed",
            ])
        #expect(try form(Fixture.say("Hi"))[2] == "Twiml=<Response><Say>Hi</Say></Response>")
    }

    @Test func `all that a call can say is said`() throws {
        let content = Fixture.voice(.twimlURL("https://x.example/twiml?a=1")) {
            $0.from = "+15550177"
            $0.record = true
            $0.recordingChannels = .dual
            $0.machineDetection = .detectMessageEnd
            $0.asyncAMD = true
            $0.timeout = .seconds(30)
        }
        let form = try form(content)
        #expect(form[1...2] == ["From=+15550177", "Url=https://x.example/twiml?a=1"])
        #expect(
            form[8...] == [
                "Record=true", "RecordingChannels=dual",
                "RecordingStatusCallback=\(Fixture.callback("twilio", "recording"))",
                "MachineDetection=DetectMessageEnd", "AsyncAmd=true",
                "AsyncAmdStatusCallback=\(Fixture.callback("twilio", "voice"))", "Timeout=30",
            ])
        #expect(try self.form(Fixture.voice(.twiml("<Response/>")))[2] == "Twiml=<Response/>")
        let async = try self.form(Fixture.say { $0.asyncAMD = true })
        #expect(async.contains("MachineDetection=Enable"))
        #expect(try self.form(Fixture.say { $0.timeout = .seconds(3600) }).last == "Timeout=600")
    }

    // MARK: Objections

    private func objection(
        _ content: Content, template: AppliedTemplate? = nil, _ change: (inout Twilio.Settings) -> Void = { _ in }
    ) -> String? {
        Fixture.twilio(change).objection(to: Fixture.message(content, template: template), for: [])
    }

    @Test func `it objects to what Twilio cannot carry`() {
        #expect(objection(Fixture.sms(String(repeating: "ü", count: 1600))) == nil)
        #expect(objection(Fixture.sms(String(repeating: "ü", count: 1601))) != nil)
        let url = "https://x.example/a.png"
        #expect(objection(Fixture.sms { $0.mediaURLs = Array(repeating: url, count: 10) }) == nil)
        #expect(objection(Fixture.sms { $0.mediaURLs = Array(repeating: url, count: 11) }) != nil)
        #expect(objection(Fixture.voice(.twiml(String(repeating: "x", count: 4000)))) == nil)
        #expect(objection(Fixture.voice(.twiml(String(repeating: "x", count: 4001)))) != nil)
        #expect(objection(Fixture.say(String(repeating: "&", count: 900))) != nil)
        #expect(objection(.email(Fixture.email(to: "a@example.com"))) != nil)
        #expect(objection(.push(Push(targets: []))) != nil)
    }

    @Test func `each channel needs a sender`() {
        #expect(objection(Fixture.sms()) { $0.messagingServiceSID = nil } != nil)
        #expect(objection(Fixture.sms { $0.from = "Shop" }) { $0.messagingServiceSID = nil } == nil)
        #expect(objection(Fixture.say()) { $0.voiceFrom = nil } != nil)
        #expect(objection(Fixture.whatsapp("x")) { $0.whatsappFrom = nil } == nil)
        #expect(
            objection(Fixture.whatsapp("x")) {
                $0.whatsappFrom = nil
                $0.messagingServiceSID = nil
            } != nil)
    }

    @Test func `a template needs an id here, or words of its own`() {
        #expect(objection(Fixture.sms(""), template: Fixture.template()) != nil)
        #expect(objection(Fixture.sms("x"), template: Fixture.template(hasText: true)) == nil)
        #expect(objection(Fixture.sms(""), template: Fixture.template(["twilio": "HX1"])) == nil)
        #expect(objection(Fixture.say(), template: Fixture.template()) != nil)
        let named = Fixture.whatsapp { $0.template = .init(name: "order", language: "en") }
        #expect(objection(named) != nil)
        #expect(objection(named, template: Fixture.template(["twilio": "HX1"])) == nil)
        #expect(objection(Fixture.whatsapp { $0.template = .init(name: "HX1", language: "en") }) == nil)
        let pictured = Fixture.sms { $0.mediaURLs = ["https://x.example/a.png"] }
        #expect(objection(pictured, template: Fixture.template(["twilio": "HX1"])) != nil)
    }

    @Test func `nothing is sent that is not carried`() {
        #expect(throws: Failure.self) { try form(.email(Fixture.email(to: "a@example.com"))) }
        #expect(throws: Failure.self) { try form(Fixture.say(), Fixture.twilio { $0.voiceFrom = nil }) }
        var context = Fixture.context(Fixture.sms())
        context.deliveries = []
        #expect(throws: Failure.self) { try Fixture.twilio().request(for: context) }
    }
}
