import Testing
import WaypostCore
import WaypostHTTP
import WaypostJSON

@testable import WaypostProviders

/// What is sent to MessageBird, and what is not.
@Suite struct MessageBirdRequestTests {
    private let id = JSONValue.string("\(Fixture.id)")
    private let status = JSONValue.string(Fixture.callback("bird", "status"))
    private let voice = JSONValue.string(Fixture.callback("bird", "voice"))

    private func request(_ content: Content, template: AppliedTemplate? = nil, from sender: String = "Example") throws
        -> TransportRequest
    {
        try Fixture.messageBird(sender).request(for: Fixture.context(content, template: template))
    }

    @Test func `a text is one JSON post`() throws {
        let request = try request(Fixture.sms("Grüße"))
        let http = try #require(request.http)
        #expect(http.method == "POST" && http.target == "http://127.0.0.1:1/messages")
        #expect(http.headers["Authorization"] == "AccessKey \(Fixture.accessKey)")
        #expect(http.headers["Content-Type"] == "application/json")
        #expect(http.headers["traceparent"] == Fixture.traceparent)
        #expect(
            request.json == [
                "originator": "Example", "recipients": ["31612345678"], "reference": id, "body": "Grüße",
                "type": "sms", "datacoding": "plain", "reportUrl": status,
            ])
    }

    @Test func `what the message says itself goes first`() throws {
        let content = Fixture.sms("你好 👋") {
            $0.from = "+15550100"
            $0.validity = .milliseconds(90_500)
        }
        let json = try request(content).json
        #expect(json["originator"] == "15550100")
        #expect(json["datacoding"] == "unicode")
        #expect(json["validity"] == 91)
        #expect(json["body"] == "你好 👋")
    }

    @Test func `media make it an MMS`() throws {
        let request = try request(Fixture.sms("Hi") { $0.mediaURLs = ["https://x.example/a.png"] }, from: "15550100")
        #expect(request.http?.target == "http://127.0.0.1:1/mms")
        #expect(
            request.json == [
                "originator": "15550100", "recipients": ["31612345678"], "reference": id, "body": "Hi",
                "mediaUrls": ["https://x.example/a.png"],
            ])
        #expect(try self.request(Fixture.sms { $0.sendAsMMS = true }).http?.target == "http://127.0.0.1:1/mms")
    }

    @Test func `a text is spoken`() throws {
        let content = Fixture.voice(.say(text: "Grüße", language: "de-DE")) { $0.machineDetection = .enable }
        let request = try request(content, from: "+15550100")
        #expect(request.http?.target == "http://127.0.0.1:1/voicemessages")
        #expect(
            request.json == [
                "recipients": ["31612345678"], "body": "Grüße", "originator": "15550100", "reference": id,
                "language": "de-de", "ifMachine": "delay", "reportUrl": voice,
            ])
        #expect(
            try self.request(Fixture.say()).json == [
                "recipients": ["31612345678"], "body": "Hello", "reference": id, "language": "en-gb",
                "reportUrl": voice,
            ])
    }

    @Test func `a recorded call is a call flow`() throws {
        let content = Fixture.voice(.say(text: "Grüße", language: "en-gb-wls")) {
            $0.record = true
            $0.from = "+15550177"
            $0.machineDetection = .detectMessageEnd
        }
        let request = try request(content)
        #expect(request.http?.target == "http://127.0.0.1:2/calls")
        #expect(
            request.json == [
                "source": "15550177", "destination": "31612345678",
                "callflow": [
                    "title": id, "record": true,
                    "steps": [
                        [
                            "action": "say",
                            "options": [
                                "payload": "Grüße", "language": "en-GB-WLS", "voice": "female", "ifMachine": "delay",
                            ],
                        ]
                    ],
                ],
                "webhook": ["url": voice],
            ])
    }

    @Test func `WhatsApp goes by a channel`() throws {
        let request = try request(Fixture.whatsapp("Grüße 👋"))
        #expect(request.http?.target == "http://127.0.0.1:3/v1/send")
        #expect(
            request.json == [
                "to": "+31612345678", "from": "ch1", "type": "text", "content": ["text": "Grüße 👋"],
                "reportUrl": status, "trackId": id,
            ])
        #expect(try self.request(Fixture.whatsapp("x") { $0.from = "ch2" }).json["from"] == "ch2")
    }

    @Test(arguments: [
        ("https://x.example/a.JPG?s=1.mp4", "image"), ("https://x.example/v.mp4#t", "video"),
        ("https://x.example/s.ogg", "audio"), ("https://x.example/doc.pdf", "file"), ("https://x.example", "file"),
        ("https://x.example/png", "file"), ("https://x.example/a.b/c", "file"),
    ])
    func `a file goes by its ending`(url: String, type: String) throws {
        let json = try request(Fixture.whatsapp { $0.mediaURLs = [url] }).json
        #expect(json["type"] == .string(type))
        #expect(json["content"] == .object([.init(type, ["url": .string(url)])]))
        let captioned = try request(Fixture.whatsapp("Hi") { $0.mediaURLs = [url] }).json
        #expect(captioned["content"]?[type]?["caption"] == "Hi")
    }

    @Test func `a template is named with its values in order`() throws {
        let variables = [Message.KeyValue(key: "2", value: "b"), .init(key: "1", value: "a")]
        let content = Fixture.whatsapp {
            $0.template = .init(name: "order_shipped", language: "pt_BR", variables: variables)
        }
        let json = try request(content).json
        #expect(json["type"] == "hsm")
        #expect(
            json.at("content.hsm") == [
                "templateName": "order_shipped", "language": ["policy": "deterministic", "code": "pt_BR"],
                "params": [["default": "a"], ["default": "b"]],
            ])
        let named = Fixture.whatsapp { $0.template = .init(name: "HX1", language: "en") }
        let mapped = try request(named, template: Fixture.template(["bird": "ns_1:order", "messagebird": "other"])).json
        #expect(
            mapped.at("content.hsm") == [
                "namespace": "ns_1", "templateName": "order", "language": ["policy": "deterministic", "code": "en"],
            ])
        let applied = Fixture.template(["messagebird": "order"], variables: ["name": "Ann"])
        #expect(try request(Fixture.whatsapp("x"), template: applied).json.at("content.hsm.params.0.default") == "Ann")
    }

    // MARK: Objections

    private func objection(
        _ content: Content, template: AppliedTemplate? = nil, from sender: String = "Example", channel: String? = "ch1"
    ) throws -> String? {
        try Fixture.messageBird(sender, channel: channel).objection(
            to: Fixture.message(content, template: template), for: [])
    }

    @Test func `it objects to what MessageBird cannot carry`() throws {
        #expect(try objection(Fixture.sms(String(repeating: "ü", count: 1377))) == nil)
        #expect(try objection(Fixture.sms(String(repeating: "ü", count: 1378))) != nil)
        #expect(try objection(Fixture.sms { $0.from = "Far Too Long A Name" }) != nil)
        #expect(try objection(Fixture.say()) == nil)
        #expect(try objection(Fixture.voice(.twiml("<Response/>"))) != nil)
        #expect(try objection(Fixture.voice(.twimlURL("https://x.example"))) != nil)
        #expect(try objection(Fixture.say { $0.record = true }) != nil)
        #expect(try objection(Fixture.say { $0.record = true }, from: "+15550100") == nil)
        #expect(try objection(.email(Fixture.email(to: "a@example.com"))) != nil)
        #expect(try objection(.push(Push(targets: []))) != nil)
    }

    @Test func `WhatsApp needs a channel, and one file at most`() throws {
        #expect(try objection(Fixture.whatsapp("x")) == nil)
        #expect(try objection(Fixture.whatsapp("x"), channel: nil) != nil)
        #expect(try objection(Fixture.whatsapp("x") { $0.from = "+15550100" }) != nil)
        let files = ["https://x.example/a.png", "https://x.example/b.png"]
        #expect(try objection(Fixture.whatsapp("x") { $0.mediaURLs = [files[0]] }) == nil)
        #expect(try objection(Fixture.whatsapp("x") { $0.mediaURLs = files }) != nil)
        #expect(try objection(Fixture.whatsapp("x") { $0.mediaURLs = ["https://x.example/a.mp3"] }) != nil)
        #expect(try objection(Fixture.whatsapp { $0.mediaURLs = ["https://x.example/a.mp3"] }) == nil)
    }

    @Test func `a template needs an id here, or words of its own`() throws {
        #expect(try objection(Fixture.sms(""), template: Fixture.template(["twilio": "HX1"])) != nil)
        #expect(try objection(Fixture.sms("x"), template: Fixture.template(["twilio": "HX1"], hasText: true)) == nil)
        #expect(try objection(Fixture.say(), template: Fixture.template()) != nil)
        let foreign = Fixture.whatsapp { $0.template = .init(name: "HX1", language: "en") }
        #expect(try objection(foreign) != nil)
        #expect(try objection(foreign, template: Fixture.template(["messagebird": "order"])) == nil)
        #expect(try objection(Fixture.whatsapp(), template: Fixture.template(["twilio": "HX1"])) != nil)
        #expect(try objection(Fixture.whatsapp(), template: Fixture.template(["messagebird": "order"])) == nil)
    }

    @Test func `nothing is sent that is not carried`() {
        #expect(throws: Failure.self) { try request(.email(Fixture.email(to: "a@example.com"))) }
        #expect(throws: Failure.self) { try request(Fixture.sms { $0.from = "Far Too Long A Name" }) }
        #expect(throws: Failure.self) {
            try Fixture.messageBird(channel: nil).request(for: Fixture.context(Fixture.whatsapp("x")))
        }
    }

    @Test(arguments: [
        ("+15550100", "15550100", true), ("15550100", "15550100", true), ("Example", "Example", false),
        ("My Shop 1", "My Shop 1", false), ("12345", "12345", false), ("+123", nil, false), ("", nil, false),
        ("Exämple", nil, false), ("TwelveLetter", nil, false), ("1234567890123456", nil, false),
    ])
    func `an originator is a number or a short name`(text: String, wire: String?, isNumber: Bool) {
        let originator = MessageBird.Originator(text)
        #expect(originator?.text == wire)
        #expect((originator?.isNumber ?? false) == isNumber)
    }
}
