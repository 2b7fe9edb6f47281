import Testing
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// Messages made from the configuration's templates.
    @Suite struct Templates {
        private static func setup(_ greeting: String) -> Setup {
            var setup = Setup.through("sendgrid")
            setup.sections["templates"] = """
                {order: {email: {subject: "Order {{order}}", html: "<p>\(greeting) {{name}}{{#items}}, {{.}}{{/items}}"}, \
                sms: {text: "Order {{order}}"}}}
                """
            return setup
        }

        private static func body(_ variables: String) -> String {
            #"{"channel":"email","to":"\#(Letter.address())","template":{"id":"order","variables":\#(variables)}}"#
        }

        @Test func `a message is made from a template, and a repetition of it says the same`() throws {
            let router = try Router(Self.setup("Hello"))
            let reply = try router.wire.post(
                "/v1/messages", Self.body(#"{"order":42,"name":"<Jane>","items":["a","b"]}"#))
            #expect(reply.status == 202, "\(reply)")
            let id = try #require(reply["id"]?.string)
            try router.wire.wait(for: id, toBe: "sent")
            #expect(router.sandbox.copies(of: id) == 1)
            let message = try router.wire.get("/v1/messages/\(id)")
            #expect(message["content"] == ["subject": "Order 42", "html": "<p>Hello &lt;Jane&gt;, a, b"])
            #expect(message["template"]?["id"] == "order")
            #expect(message["template"]?["variables"]?["name"] == "<Jane>")
            let again = try router.wire.post("/v1/messages/\(id)/resend")
            let copy = try #require(again["id"]?.string)
            try router.wire.wait(for: copy, toBe: "sent")
            let second = try router.wire.get("/v1/messages/\(copy)")
            #expect(second["content"] == message["content"])
            #expect(second["template"] == message["template"])
        }

        @Test func `what a template lacks is told and nothing is kept`() throws {
            let router = try Router(Self.setup("Hello"))
            let reply = try router.wire.post("/v1/messages", Self.body(#"{"items":[]}"#))
            #expect(reply.status == 422)
            #expect(reply["code"] == "missing_variable")
            #expect(
                reply["errors"]?.array?.compactMap { $0["pointer"]?.string }
                    == ["/template/variables/order", "/template/variables/name"])
            #expect(try router.wire.get("/v1/messages")["data"] == [])
        }

        @Test func `a reload puts other words in force`() throws {
            let router = try Router(Self.setup("Hello"))
            try router.folder.configure(Self.setup("Good day"), for: router.sandbox)
            #expect(router.app.reload() == [])
            let reply = try router.wire.post(
                "/v1/messages?dry_run=true", Self.body(#"{"order":1,"name":"Jane"}"#))
            #expect(reply.status == 200)
            let kept = try router.wire.post("/v1/messages", Self.body(#"{"order":1,"name":"Jane"}"#))
            let message = try router.wire.get("/v1/messages/\(try #require(kept["id"]?.string))")
            #expect(message["content"]?["html"] == "<p>Good day Jane")
        }

        @Test func `a text message is understood, and has no route without a provider of texts`() throws {
            let router = try Router(Self.setup("Hello"))
            let reply = try router.wire.post(
                "/v1/messages?dry_run=true",
                #"{"channel":"sms","to":"+14155550100","template":{"id":"order","variables":{"order":"7"}}}"#)
            #expect(reply.status == 422)
            #expect(reply["code"] == "no_route")
        }
    }
}
