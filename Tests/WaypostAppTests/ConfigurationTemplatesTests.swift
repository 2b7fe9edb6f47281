import Testing
import WaypostApp
import WaypostCore
import WaypostJSON
import WaypostTemplates

@Suite struct ConfigurationTemplatesTests {
    private static let providers = """
        providers: {mail: {kind: smtp, url: 'smtps://mail.example.com', from: news@example.com}}

        """

    @Test func `a template says what it says on each channel, and under the providers' names for it`() throws {
        let book = try configuration(
            Self.providers + """
                templates:
                  order-shipped:
                    email: {subject: "Order {{order}} shipped", text: "It is.", html: "<b>{{order}}</b>", mail: T1, ses: T2}
                    sms: {text: "Order {{order}} is on its way", twilio: HX123}
                    whatsapp: {twilio: HX456, messagebird: shipped, language: nl}
                    voice: {text: Hello, language: en-GB}
                    push: {title: "{{order}}", body: On its way}
                """
        ).templates
        let template = try #require(book["order-shipped"])
        #expect(Set(template.wordings.keys) == [.email, .sms, .whatsapp, .voice, .push])
        let email = try #require(template.wordings[.email])
        #expect(email.fields.map(\.name) == ["subject", "text", "html"])
        #expect(email["html"]?.render(["order": "<"]) == .text("<b>&lt;</b>"))
        #expect(email["subject"]?.render(["order": "<"]) == .text("Order < shipped"))
        #expect(email.providerIDs == [.init(key: "mail", value: "T1"), .init(key: "ses", value: "T2")])
        #expect(email.hasText)
        #expect(template.wordings[.whatsapp]?.hasText == false)
        #expect(template.wordings[.whatsapp]?["language"]?.source == "nl")
        #expect(book["other"] == nil)
    }

    @Test func `what is wrong with one is told with its place and the way out`() {
        let yaml =
            Self.providers + """
                templates:
                  open: {sms: {text: "Order {{order is"}}
                  section: {email: {subject: "a", html: "{{#items}}x"}}
                  partial: {push: {title: "{{> head}}"}}
                  bad: {email: {subjcet: a}}
                  mute: {}
                  silent: {sms: {}}
                  headless: {email: {text: a}}
                  bodyless: {email: {subject: a}}
                """
        #expect(
            problems(yaml) == [
                "3: templates.open.sms.text: is no template: a tag is not finished, or its name is none, at line 1; write {{name}}, of A-Z, a-z, 0-9, _ and -",
                "4: templates.section.email.html: is no template: a section is not closed, at line 1; close it with {{/name}}",
                "5: templates.partial.push.title: holds {{>, and there are no partials; write the text out",
                "6: templates.bad.email.subjcet: is not a setting; did you mean subject?",
                "7: templates.mute: says nothing; add a channel, like sms: {text: …}",
                "8: templates.silent.sms: says nothing; write what it says, or a provider's own template",
                "9: templates.headless.email: has no subject; add one",
                "10: templates.bodyless.email: has no text; add text or html",
            ])
    }

    @Test func `no templates are none`() throws {
        #expect(try configuration("templates: {}").templates.isEmpty)
    }
}
