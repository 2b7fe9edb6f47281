import Testing
import WaypostApp
import WaypostCore
import WaypostPolicy

@Suite struct ConfigurationPolicyTests {
    // MARK: delivery

    @Test func `delivery is read, and a ttl that is not named keeps its default`() throws {
        let delivery = try configuration(
            "delivery: {retry: {delays: [500ms, 1m], jitter: 0}, default_ttl: {marketing: 7d}}"
        ).delivery
        #expect(delivery.delays == [.milliseconds(500), .seconds(60)])
        #expect(delivery.jitter == 0)
        #expect(delivery.defaultTTL[.marketing] == .seconds(7 * 86_400))
        #expect(delivery.defaultTTL[.transactional] == .seconds(86_400))
        #expect(try configuration("delivery: {retry: {delays: []}}").delivery.delays == [])
    }

    @Test(arguments: [
        ("retry: {delays: [1s, soon]}", "retry.delays[1]: \"soon\" is not a duration; write 500ms, 10s, 5m, 24h or 7d"),
        ("retry: {jitter: 20%}", "retry.jitter: \"20%\" is not a number; write a number from 0 to 1"),
        ("retry: {delay: [1s]}", "retry.delay: is not a setting; did you mean delays?"),
        ("default_ttl: {promo: 1d}", "default_ttl.promo: is not a setting"),
        ("default_ttl: {marketing: 0}", "default_ttl.marketing: \"0\" is out of range; write 1s to 366d"),
        ("default_ttl: 1d", "default_ttl: is a single value; write a section, like {name: value}"),
    ])
    func `a bad value of delivery is named`(yaml: String, beginning: String) {
        let found = problems("delivery: {\(yaml)}")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("1: delivery.\(beginning)") == true, "\(found)")
    }

    // MARK: limits

    @Test func `limits are read, and off is none`() throws {
        let limits = try configuration(
            "limits: {recipient: {limit: 3, window: 1h}, recipient_by_type: {marketing: {limit: 2, window: 24h}}}"
        ).limits
        #expect(limits.recipient == WindowSettings(limit: 3, window: .seconds(3600)))
        #expect(limits.recipientByType == [.marketing: WindowSettings(limit: 2, window: .seconds(86_400))])
        #expect(try configuration("limits: {recipient: off}").limits.recipient == nil)
        #expect(try configuration("limits: {recipient_by_type: {marketing: off}}").limits.recipientByType.isEmpty)
    }

    @Test(arguments: [
        ("recipient: {limit: 3}", "recipient.window: is missing; add it, like window: 60s"),
        ("recipient: {window: 3s}", "recipient.limit: is missing; add it, like limit: 10"),
        (
            "recipient: {limit: 0, window: 3s}",
            "recipient.limit: \"0\" is out of range; write a whole number from 1 to 1000000000"
        ),
        ("recipient: none", "recipient: is a single value; write a section, like {name: value}"),
        (
            "recipient_by_type: {marketting: off}",
            "recipient_by_type.marketting: is not a setting; did you mean marketing?"
        ),
    ])
    func `a bad limit is named`(yaml: String, complaint: String) {
        #expect(problems("limits: {\(yaml)}") == ["1: limits.\(complaint)"])
    }

    // MARK: policy

    @Test(arguments: [
        "{}", "{require_consent: off, quiet_hours: off, pii: off}", "{require_consent: {types: []}}",
        "{quiet_hours: {types: [], from: \"21:00\", to: \"08:00\"}}",
        "{pii: {mask_logs: true, detect: [email, phone, ssn, credit_card], on_detect: allow}}",
        "{pii: {on_detect: {marketing: allow}}}",
        "{quiet_hours: {types: [marketing], from: \"21:00\", to: \"08:00\", zone: recipient, default_zone: UTC}}",
        "{quiet_hours: {types: [marketing], from: \"21:00\", to: \"08:00\", zone: America/New_York}}",
        "{require_consent: {types: [marketing]}}", "{require_consent: {channels: [sms]}}",
        "{pii: {on_detect: reject}}", "{pii: {on_detect: {marketing: mask}}}", "{pii: {mask_logs: false}}",
    ])
    func `a policy that can be kept is taken`(yaml: String) {
        #expect(problems("policy: \(yaml)") == [])
    }

    @Test(arguments: [
        ("require_consent: {types: [spam]}", "require_consent.types[0]: \"spam\" is not known here"),
        ("require_consent: true", "require_consent: is a single value"),
        (
            "quiet_hours: {from: \"21:00\", to: \"08:00\"}",
            "quiet_hours.types: is missing; name the types to hold, like types: [marketing]"
        ),
        (
            "quiet_hours: {types: [], from: 9pm, to: \"08:00\"}",
            "quiet_hours.from: \"9pm\" is not a time of day; write one like 21:00"
        ),
        (
            "quiet_hours: {types: [], from: \"24:00\", to: \"08:00\"}",
            "quiet_hours.from: \"24:00\" is not a time of day; write one like 21:00"
        ),
        (
            "quiet_hours: {types: [], from: \"08:00\", to: \"08:00\"}",
            "quiet_hours.to: is the same as from; write when the quiet ends"
        ),
        (
            "quiet_hours: {types: [], from: \"21:00\", to: \"08:00\", zone: \"Middle Earth\"}",
            "quiet_hours.zone: \"Middle Earth\" is not a time zone; write one like Europe/Amsterdam, or recipient"
        ),
        (
            "quiet_hours: {types: [], from: \"21:00\", to: \"08:00\", default_zone: Mars/Base}",
            "quiet_hours.default_zone: \"Mars/Base\" is not a time zone; write one like Europe/Amsterdam"
        ),
        ("pii: {detect: [iban]}", "pii.detect[0]: \"iban\" is not known here"),
        ("pii: {on_detect: shrug}", "pii.on_detect: \"shrug\" is not known here; write allow, mask or reject"),
    ])
    func `a bad policy is named`(yaml: String, beginning: String) {
        let found = problems("policy: {\(yaml)}")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("1: policy.\(beginning)") == true, "\(found)")
    }

    // MARK: log, metrics

    @Test func `log and metrics are read, the windows the shortest first`() throws {
        let configuration = try configuration(
            "log: {level: debug, format: text}\nmetrics: {delivery_windows: [7d, 60m]}")
        #expect(configuration.log.level == .debug)
        #expect(configuration.log.format == .text)
        #expect(configuration.metrics.deliveryWindows.map(\.label) == ["60m", "7d"])
        #expect(configuration.metrics.deliveryWindows.map(\.length) == [.seconds(3600), .seconds(7 * 86_400)])
    }

    @Test(arguments: [
        ("log: {format: xml}", "log.format: \"xml\" is not known here; write json or text"),
        ("log: {levle: info}", "log.levle: is not a setting; did you mean level?"),
        (
            "metrics: {delivery_windows: [1h, 60m]}",
            "metrics.delivery_windows: holds 1h and 60m, which are one; keep one of the two"
        ),
        ("metrics: {delivery_windows: [1s]}", "metrics.delivery_windows[0]: \"1s\" is out of range; write 1m to 366d"),
    ])
    func `a bad value of log or metrics is named`(yaml: String, complaint: String) {
        #expect(problems(yaml) == ["1: \(complaint)"])
    }
}
