import Testing
import WaypostCore
import WaypostPolicy

@Suite struct ComplianceTests {
    /// 2026-01-15T18:00:00Z: ten in the morning in Los Angeles.
    private let now = Timestamp(milliseconds: 1_768_500_000_000)

    private func message(_ content: Content, _ type: MessageType = .marketing) -> Message {
        var message = Message(
            id: MessageID(at: now), client: "shop", content: content, createdAt: now, expiresAt: now + .seconds(60),
            traceparent: "")
        message.type = type
        return message
    }

    private func email(_ change: (inout Email) -> Void = { _ in }) -> Content {
        var email = Email(to: [Mailbox(email: "jane@example.com")], subject: "Hi")
        change(&email)
        return .email(email)
    }

    private func sms(_ text: String) -> Content {
        .sms(SMS(to: PhoneNumber(unchecked: "+14155550100"), text: text))
    }

    private func verdicts(
        _ message: Message, _ standings: [AddressStanding] = [.init(consent: .granted)], requiresConsent: Bool = false,
        personalData: [(pointer: String, kind: PII.Kind)] = [], policy: PolicySettings = PolicySettings()
    ) -> [String] {
        Compliance(
            message, standings: standings, requiresConsent: requiresConsent, personalData: personalData, policy: policy
        ).findings.map { "\($0.check.rawValue) \($0.status.rawValue)" }
    }

    private func verdict(_ check: Compliance.Check, _ verdicts: [String]) -> String? {
        verdicts.first { $0.hasPrefix(check.rawValue + " ") }?.split(separator: " ").last.map(String.init)
    }

    @Test func `there is a finding for each check, in order`() {
        let all = [
            "consent pass", "suppression pass", "opt_out pass", "minimisation pass", "retention pass",
            "quiet_hours pass",
        ]
        #expect(verdicts(message(email { $0.unsubscribeURL = "https://example.com/u" })) == all)
        #expect(verdicts(message(email(), .transactional), [.init()]) == all)
    }

    @Test(arguments: [
        (Consent.State?.none, MessageType.transactional, false, "pass"), (nil, .marketing, false, "warn"),
        (nil, .marketing, true, "fail"), (nil, .transactional, true, "fail"), (.withdrawn, .marketing, false, "warn"),
        (.granted, .marketing, true, "pass"), (.denied, .transactional, false, "fail"),
    ])
    func `consent is judged by the ledger`(state: Consent.State?, type: MessageType, isRequired: Bool, status: String) {
        let all = verdicts(message(email(), type), [.init(consent: state)], requiresConsent: isRequired)
        #expect(verdict(.consent, all) == status)
    }

    @Test func `a suppressed recipient fails, unless the message is spared`() {
        let standing = AddressStanding(suppression: "unsubscribe", sparesTransactional: true)
        #expect(verdict(.suppression, verdicts(message(email()), [.init(), standing])) == "fail")
        #expect(verdict(.suppression, verdicts(message(email(), .transactional), [standing])) == "pass")
    }

    @Test func `marketing must let people leave`() {
        let cases: [(Content, String)] = [
            (email(), "fail"), (email { $0.unsubscribeURL = "https://example.com/u" }, "pass"),
            (email { $0.tracking.unsubscribe = true }, "pass"), (email { $0.tracking.unsubscribe = false }, "fail"),
            (email { $0.headers = [.init(name: "List-Unsubscribe", value: "<mailto:u@example.com>")] }, "warn"),
            (
                email {
                    $0.headers = [
                        .init(name: "list-unsubscribe", value: "<https://example.com/u>"),
                        .init(name: "List-Unsubscribe-Post", value: "List-Unsubscribe=One-Click"),
                    ]
                }, "pass"
            ),
            (sms("Sale! Reply STOP to end."), "pass"), (sms("Sale!"), "warn"), (sms("A nonstop sale!"), "warn"),
            (.voice(Voice(to: PhoneNumber(unchecked: "+14155550100"), script: .twiml("<Response/>"))), "warn"),
            (.push(Push(targets: [])), "pass"),
        ]
        for (content, status) in cases {
            #expect(verdict(.optOut, verdicts(message(content))) == status, "\(content)")
            #expect(verdict(.optOut, verdicts(message(content, .notification))) == "pass")
        }
    }

    @Test func `personal data is named with its place, and fails where it is refused`() {
        var policy = PolicySettings()
        let found: [(pointer: String, kind: PII.Kind)] = [("/content/text", .ssn)]
        for (reaction, status) in [(PII.Reaction.allow, "warn"), (.mask, "warn"), (.reject, "fail")] {
            policy.pii.onDetect = [.marketing: reaction]
            let all = verdicts(message(email()), personalData: found, policy: policy)
            #expect(verdict(.minimisation, all) == status)
        }
        policy.pii.detect = [.email]
        #expect(verdict(.minimisation, verdicts(message(email()), personalData: found, policy: policy)) == "warn")
    }

    @Test func `metadata that names people is told`() {
        var message = message(email())
        message.metadata = [.init(key: "order", value: "42")]
        #expect(verdict(.retention, verdicts(message)) == "pass")
        message.metadata.append(.init(key: "who", value: "jane@example.com"))
        #expect(verdict(.retention, verdicts(message)) == "warn")
    }

    @Test func `quiet hours are foretold, those of the law where none are configured`() {
        var message = message(sms("Reply STOP"))
        #expect(verdict(.quietHours, verdicts(message)) == "pass")
        message.sendAt = now + .seconds(12 * 3600)
        #expect(verdict(.quietHours, verdicts(message)) == "warn", "22 hours in Los Angeles")
        message.zones = ["Asia/Tokyo"]
        #expect(verdict(.quietHours, verdicts(message)) == "pass", "15 hours in Tokyo")
        var policy = PolicySettings()
        policy.quietHours = QuietHours(types: [.marketing], from: 14 * 60, to: 16 * 60)
        #expect(verdict(.quietHours, verdicts(message, policy: policy)) == "warn")
    }
}
