import Testing
import WaypostCore
import WaypostHTTP
import WaypostJSON

@testable import WaypostProviders

/// Templates that the makers of email keep themselves, and many messages in one request.
@Suite struct EmailTemplateTests {
    private func context(
        to address: String = "ann@example.com", ids: [String: String] = [:], hasText: Bool = false,
        order: Int64 = 1, number: UInt64 = 42, subject: String = ""
    ) -> AttemptContext {
        var email = Email(to: [Mailbox(email: address)], subject: subject)
        if hasText { email.text = "Order \(order)" }
        var context = Fixture.context(email)
        context.message.id = MessageID(ULID(high: 7, low: number))
        context.attempt = AttemptID(ULID(high: 8, low: number))
        context.message.template = AppliedTemplate(
            name: "shipped", providerIDs: ids.map { .init(key: $0.key, value: $0.value) }, hasText: hasText,
            variables: ["order": .integer(order)])
        return context
    }

    // MARK: SendGrid

    @Test func `SendGrid fills in its own template`() throws {
        let context = context(ids: ["sendgrid": "d-1"])
        #expect(Fixture.sendGrid.objection(to: context.message, for: context.deliveries) == nil)
        let json = try Fixture.sendGrid.request(for: context).json
        #expect(json["template_id"] == "d-1")
        #expect(json["content"] == nil && json["subject"] == nil)
        #expect(json.at("personalizations.0.dynamic_template_data") == ["order": 1])
    }

    @Test func `a template without an id and without words of ours goes to nobody`() {
        let message = context().message
        for provider in [Fixture.sendGrid, Fixture.ses, Fixture.smtp] as [any Provider] {
            #expect(provider.objection(to: message, for: [])?.contains("shipped") == true, "\(provider.name)")
        }
        let older = context(ids: ["sendgrid": "13b8f94f"]).message
        #expect(
            Fixture.sendGrid.objection(to: older, for: []) == "SendGrid's dynamic templates have ids that begin with d-"
        )
    }

    @Test func `our own words go where there is no id`() throws {
        let context = context(ids: ["ses": "Shipped"], hasText: true, subject: "Shipped")
        let json = try Fixture.sendGrid.request(for: context).json
        #expect(json["template_id"] == nil)
        #expect(json.at("content.0.value") == "Order 1")
    }

    @Test func `messages that differ in recipient and variables alone share a request`() throws {
        let contexts = (1...3).map {
            context(to: "u\($0)@example.com", ids: ["sendgrid": "d-1"], order: Int64($0), number: UInt64($0))
        }
        #expect(Fixture.sendGrid.canShareRequest(contexts[0].message, contexts[1].message))
        let json = try Fixture.sendGrid.request(for: contexts).json
        let personalizations = try #require(json["personalizations"]?.array)
        #expect(personalizations.count == 3)
        for (index, context) in contexts.enumerated() {
            #expect(personalizations[index].at("to.0.email") == .string("u\(index + 1)@example.com"))
            #expect(personalizations[index].at("dynamic_template_data.order") == .integer(Int64(index + 1)))
            #expect(personalizations[index].at("custom_args.waypost_message") == .string("\(context.message.id)"))
            #expect(personalizations[index].at("custom_args.waypost_attempt") == .string("\(context.attempt)"))
        }
    }

    @Test func `what says something else travels alone`() {
        let one = context(hasText: true, order: 1, subject: "Shipped").message
        let other = context(hasText: true, order: 2, subject: "Shipped").message
        #expect(!Fixture.sendGrid.canShareRequest(one, other), "their texts differ")
        #expect(Fixture.sendGrid.canShareRequest(one, one))
        var tagged = one
        tagged.tags = ["a"]
        #expect(!Fixture.sendGrid.canShareRequest(one, tagged))
        var copied = one
        var email = Fixture.email(to: "a@example.com")
        email.cc = [Mailbox(email: "b@example.com")]
        copied.content = .email(email)
        #expect(!Fixture.sendGrid.canShareRequest(copied, copied), "its recipients see each other")
    }

    @Test func `a shared request is accepted for all, and parted when it is refused`() throws {
        let contexts = [context(number: 1), context(number: 2)]
        let accepted = try #require(Fixture.sendGrid.results(of: SendGridTests.accepted, for: contexts))
        #expect(accepted.map(\.outcome.reference) == ["14c5d75ce93", "14c5d75ce93"])
        let throttled = try #require(Fixture.sendGrid.results(of: Fixture.response(429), for: contexts))
        #expect(throttled.map(\.outcome.failure?.kind) == [.throttled, .throttled])
        for status in [400, 413] {
            #expect(Fixture.sendGrid.results(of: Fixture.response(status), for: contexts) == nil)
        }
    }

    // MARK: SES

    @Test func `SES fills in its own template, with the data as a string`() throws {
        let context = context(ids: ["ses": "Shipped"])
        #expect(Fixture.ses.objection(to: context.message, for: context.deliveries) == nil)
        let json = try Fixture.ses.request(for: context).json
        #expect(json.at("Content.Template.TemplateName") == "Shipped")
        #expect(json.at("Content.Template.TemplateData") == #"{"order":1}"#)
        #expect(json.at("Content.Simple") == nil && json.at("Content.Raw") == nil)
    }
}
