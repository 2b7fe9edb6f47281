import Testing
import WaypostAPI
import WaypostCore
import WaypostJSON
import WaypostTemplates

@Suite struct TemplateFieldsTests {
    /// What the configuration of a shop might say.
    private static func book() throws -> TemplateBook {
        func field(_ name: String, _ text: String) throws -> MessageTemplate.Field {
            .init(name, try TextTemplate(text, form: name == "html" ? .html : .plain))
        }
        return TemplateBook([
            "shipped": MessageTemplate([
                .email: .init(
                    fields: [
                        try field("subject", "Order {{order}} shipped"), try field("text", "For {{name}}"),
                        try field("html", "<p>{{name}}{{#items}}<li>{{.}}{{/items}}"),
                    ], providerIDs: [.init(key: "ses", value: "OrderShipped")]),
                .sms: .init(fields: [try field("text", "Order {{order}} for {{name}}")]),
                .voice: .init(fields: [try field("text", "Order {{order}}"), try field("language", "{{lang}}")]),
                .push: .init(fields: [try field("title", "{{order}}"), try field("image", "{{image}}")]),
                .whatsapp: .init(
                    fields: [try field("language", "nl")], providerIDs: [.init(key: "twilio", value: "HX1")]),
            ]),
            "bare": MessageTemplate([
                .email: .init(fields: [], providerIDs: [.init(key: "sendgrid", value: "d-1")])
            ]),
        ])
    }

    private func decode(_ body: String) throws -> Result<Draft, Problem> {
        SendMessage.decode(try JSONValue(parsing: Array(body.utf8)), templates: try Self.book(), at: noon)
    }

    @Test func `a template makes the content, HTML escaped and all else not`() throws {
        let draft = try decode(
            """
            {"channel": "email", "to": "jane@example.com", "template": {"id": "shipped",
             "variables": {"order": 42, "name": "<Jane>", "items": ["a", "&"]}}}
            """
        ).get()
        #expect(draft.email?.subject == "Order 42 shipped")
        #expect(draft.email?.text == "For <Jane>")
        #expect(draft.email?.html == "<p>&lt;Jane&gt;<li>a<li>&amp;")
        let template = try #require(draft.template)
        #expect(template.name == "shipped")
        #expect(template.hasText)
        #expect(template.id(at: "mail", kind: "ses") == "OrderShipped")
        #expect(template.variables["name"] == "<Jane>")
        let message = draft.message(
            id: MessageID(at: noon), client: "shop", createdAt: noon, defaultTTL: .seconds(60), traceparent: "")
        #expect(message.template == template)
    }

    @Test func `each channel has its own words`() throws {
        let variables = #"{"order": "1", "name": "J", "lang": "", "image": ""}"#
        func content(_ channel: String, _ to: String) throws -> Content {
            try decode(
                #"{"channel": "\#(channel)", "to": "\#(to)", "template": {"id": "shipped", "variables": \#(variables)}}"#
            ).get().content
        }
        #expect(try content("sms", "+14155550100").sms?.text == "Order 1 for J")
        #expect(try content("voice", "+14155550100").voice?.script == .say(text: "Order 1", language: nil))
        let push = try content("push", "abc").push
        #expect(push?.title == "1")
        #expect(push?.image == nil)
        let whatsapp = try content("whatsapp", "+14155550100").whatsapp
        #expect(whatsapp?.template?.name == "shipped")
        #expect(whatsapp?.template?.language == "nl")
        #expect(whatsapp?.template?.variables.first == .init(key: "order", value: "1"))
    }

    @Test func `every missing variable is named at once`() throws {
        let result = try decode(
            #"{"channel": "email", "to": "jane@example.com", "template": {"id": "shipped"}}"#)
        #expect(code(result) == .missingVariable)
        #expect(
            findings(result) == [
                "/template/variables/order is missing: the template shipped needs it",
                "/template/variables/name is missing: the template shipped needs it",
            ])
        guard case .failure(let problem) = result else { return }
        #expect(problem.code.status == 422)
    }

    @Test(arguments: [
        (#"{"id": "nope"}"#, "/template/id"), (#"{"id": "bare"}"#, "/template/id"), ("{}", "/template/id"),
        (#"{"id": "shipped", "variables": {"order": "a", "name": "\u0000"}}"#, "/template/variables"),
    ])
    func `a template that is not to be had is invalid`(template: String, pointer: String) throws {
        let result = try decode(#"{"channel": "sms", "to": "+14155550100", "template": \#(template)}"#)
        #expect(code(result) == .invalid)
        #expect(pointers(result) == [pointer], "\(findings(result))")
    }

    @Test func `what a variable makes of a field is held against the field's rules`() throws {
        let result = try decode(
            """
            {"channel": "email", "to": "jane@example.com", "template": {"id": "shipped",
             "variables": {"order": "1\\r\\nBcc: x@example.com", "name": "J"}}}
            """)
        #expect(
            findings(result) == [
                "/template/variables make a message whose subject must not hold control characters or line breaks"
            ])
    }

    @Test(arguments: [
        #"{"id": 5}"#, #"{"id": "shipped", "variables": []}"#, #"{"id": "shipped", "vars": {}}"#, #""shipped""#,
    ])
    func `a template of the wrong form is malformed`(template: String) throws {
        #expect(
            code(try decode(#"{"channel": "sms", "to": "+14155550100", "template": \#(template)}"#)) == .malformed)
    }

    @Test func `a template that providers alone have needs no words`() throws {
        let draft = try decode(
            #"{"channel": "email", "to": "jane@example.com", "template": {"id": "bare", "variables": {"a": 1}}}"#
        ).get()
        #expect(draft.email?.subject == "")
        #expect(draft.template?.hasText == false)
        #expect(draft.template?.id(at: "sendgrid", kind: "sendgrid") == "d-1")
        #expect(draft.template?.variables == ["a": 1])
    }

    @Test func `WhatsApp content may name a template of the configuration`() throws {
        let body = """
            {"channel": "whatsapp", "to": "+14155550100",
             "content": {"template": {"name": "shipped", "language": "en", "variables": {"1": "Ann"}}}}
            """
        let draft = try decode(body).get()
        #expect(draft.template?.id(at: "twilio", kind: "twilio") == "HX1")
        #expect(draft.template?.variables == ["1": "Ann"])
        #expect(try decode(body.replacing("shipped", with: "HX9")).get().template == nil)
    }

    @Test func `a batch shares a template, and a recipient's variables win`() throws {
        let body = """
            {"channel": "sms", "template": {"id": "shipped", "variables": {"order": "1", "name": "all"}}, "recipients": [
              {"to": "+14155550100"}, {"to": {"phone": "+14155550101"}, "variables": {"name": "Joe"}},
              {"to": "+14155550101", "variables": 5}, {"to": "x", "variables": {}}]}
            """
        let results = try SendBatch.decode(
            try JSONValue(parsing: Array(body.utf8)), templates: try Self.book(), at: noon
        ).get()
        #expect(try results[0].get().content.sms?.text == "Order 1 for all")
        #expect(try results[1].get().content.sms?.text == "Order 1 for Joe")
        #expect(try results[1].get().template?.variables == ["order": "1", "name": "Joe"])
        #expect(pointers(results[2]) == ["/recipients/2/variables"])
        #expect(pointers(results[3]) == ["/recipients/3/to"])
        let lacking = body.replacing(#""name": "all""#, with: #""x": 1"#)
        let found = try SendBatch.decode(
            try JSONValue(parsing: Array(lacking.utf8)), templates: try Self.book(), at: noon
        ).get()
        #expect(pointers(found[0]) == ["/recipients/0/variables/name"])
        #expect(code(found[0]) == .missingVariable)
        #expect((try? found[1].get()) != nil)
    }
}
