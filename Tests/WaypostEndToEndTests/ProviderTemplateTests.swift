import Testing
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// Templates in our words on every channel, and those that the providers keep themselves.
    @Suite struct ProviderTemplates {
        private static let templates = """
            {order: {email: {sendgrid: d-0123456789abcdef, ses: OrderShipped}, \
            sms: {text: "Order {{order}} of {{name}}"}, \
            push: {title: "Order {{order}}", body: "Hello {{name}}"}}}
            """

        private func setup(_ routes: KeyValuePairs<String, [String]>) -> Setup {
            var setup = Setup.routing(routes)
            setup.sections["templates"] = Self.templates
            return setup
        }

        private static let variables = #"{"order":42,"name":"Jane","items":[{"sku":"a"}]}"#

        private func body(_ channel: String, to: String, _ variables: String = variables) -> String {
            #"{"channel":"\#(channel)","to":\#(to),"template":{"id":"order","variables":\#(variables)}}"#
        }

        private func send(_ body: String, _ router: Router) throws -> String {
            let reply = try router.wire.post("/v1/messages", body)
            #expect(reply.status == 202, "\(reply)")
            let id = try #require(reply["id"]?.string, "\(reply)")
            try router.wire.wait(for: id, toBe: "sent")
            return id
        }

        @Test func `a text message and a push are made of our words`() throws {
            let router = try Router(setup(["sms": ["twilio"], "push": ["fcm"]]))
            let text = try send(body("sms", to: #""\#(Note.phone())""#), router)
            let message = try router.wire.message(text)
            #expect(message["content"] == ["text": "Order 42 of Jane"])
            #expect(message["segments"]?["count"]?.integer == 1)
            #expect(router.sandbox.takes(of: text).map(\.provider) == [.twilio])
            let push = try send(body("push", to: Note.device()), router)
            #expect(try router.wire.message(push)["content"] == ["title": "Order 42", "body": "Hello Jane"])
            let lacking = try router.wire.post(
                "/v1/messages", body("sms", to: #""\#(Note.phone())""#, #"{"order":42}"#))
            #expect(lacking.status == 422 && lacking["code"] == "missing_variable", "\(lacking)")
            #expect(lacking["errors"]?[0]?["pointer"] == "/template/variables/name")
            try router.checkBooks()
        }

        @Test func `SendGrid is given its own template and the variables`() throws {
            let recorder = try Recorder(answering: 202)
            defer { recorder.stop() }
            var setup = setup(["email": ["sendgrid"]])
            setup.set("sendgrid", "base_url", recorder.url)
            let router = try Router(setup)
            let id = try send(body("email", to: #""jane@example.com""#), router)
            let mail = try #require(recorder.bodies.first)
            #expect(mail["template_id"] == "d-0123456789abcdef")
            #expect(mail["subject"] == nil && mail["content"] == nil)
            let personalization = mail["personalizations"]?[0]
            #expect(personalization?["dynamic_template_data"] == (try JSONValue(parsing: Array(Self.variables.utf8))))
            #expect(personalization?["custom_args"]?["waypost_message"]?.string == id)
        }

        @Test func `SES is given its own template's name and the variables`() throws {
            let recorder = try Recorder(answering: 200)
            defer { recorder.stop() }
            var setup = setup(["email": ["ses"]])
            setup.set("ses", "base_url", recorder.url)
            let router = try Router(setup)
            _ = try send(body("email", to: #""jane@example.com""#), router)
            let content = try #require(recorder.bodies.first)["Content"]
            #expect(content?["Simple"] == nil)
            #expect(content?["Template"]?["TemplateName"] == "OrderShipped")
            let data = try #require(content?["Template"]?["TemplateData"]?.string)
            #expect(
                try JSONValue(parsing: Array(data.utf8)) == (try JSONValue(parsing: Array(Self.variables.utf8))))
        }

        @Test func `a template of their own passes each stand-in's checks, and who has none is passed over`() throws {
            let router = try Router(setup(["email": ["relay", "sendgrid", "ses"]]))
            let first = try send(body("email", to: #""jane@example.com""#), router)
            #expect(router.sandbox.takes(of: first).map(\.provider) == [.sendgrid])
            #expect(try router.wire.verdicts(on: first) == ["relay unable", "sendgrid taken"])
            try router.sandbox.setFault(.sends(.sendgrid, .status(.init(503))))
            let second = try send(body("email", to: #""joe@example.com""#), router)
            #expect(router.sandbox.takes(of: second).map(\.provider) == [.ses])
            #expect(try router.wire.message(second).attempts == ["sendgrid unavailable", "ses accepted"])
            try router.checkBooks()
        }
    }
}
