import Testing
import WaypostJSON

@testable import waypost

@Suite struct StatusReportTests {
    private func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    private func provider(
        _ name: String, enabled: Bool = true, breaker: String = "closed", more: String = ""
    ) throws -> JSONValue {
        try json(
            #"""
            {"name":"\#(name)","kind":"\#(name)","channels":["email"],"enabled":\#(enabled),
             "health":{"status":"pass","time":"2027-01-31T08:00:00.000Z"},
             "breakers":[{"channel":"email","state":"\#(breaker)","held":false}],"in_flight":2,"max_in_flight":64,
             "rate_limits":[{"limit":100,"window_ms":60000,"remaining":98}]\#(more)}
            """#)
    }

    private func report(health: String = "pass", _ change: (inout StatusReport) throws -> Void = { _ in }) throws
        -> StatusReport
    {
        let output = health == "pass" ? "" : #","output":"the primary is down; a backup serves""#
        var report = StatusReport(
            url: "http://127.0.0.1:8080",
            health: try json(
                #"{"status":"\#(health)","version":"1.0","checks":{"email":[{"status":"\#(health)"\#(output)}],"provider:ses":[{"status":"fail","output":"gone"}]}}"#
            ))
        report.providers = [try provider("sendgrid"), try provider("ses")]
        report.routes = [
            try json(#"{"channel":"email","providers":["sendgrid","ses"],"strategy":"priority","rules":[]}"#)
        ]
        report.overrides = []
        report.endpoints = []
        report.metrics = Exposition(
            """
            waypost_queue_depth{channel="email",state="queued"} 12
            waypost_queue_depth{channel="email",state="sending"} 3
            waypost_queue_oldest_age_seconds{channel="email"} 75.4
            waypost_dead_letters{channel="email"} 1
            waypost_in_doubt{channel="email"} 0
            """)
        try change(&report)
        return report
    }

    @Test func `all is well`() throws {
        let report = try report()
        #expect(report.isHealthy)
        #expect(report.json["status"] == "healthy")
        #expect(report.json["queues"]?[0]?["queued"] == 12)
        #expect(
            report.lines(.plain) == [
                "waypost 1.0 at http://127.0.0.1:8080  healthy", "",
                "PROVIDER  KIND      HEALTH  BREAKER  IN FLIGHT  WINDOWS       MS  NOTE",
                "sendgrid  sendgrid  pass    closed   2/64       98/100 in 1m  -",
                "ses       ses       pass    closed   2/64       98/100 in 1m  -", "",
                "CHANNEL  HEALTH  SCHEDULED  QUEUED  SENDING  OLDEST  DEAD  IN DOUBT  ROUTE",
                "email    pass            0      12        3  75s        1         0  sendgrid, ses (priority)",
            ])
    }

    @Test func `each ground for concern is told in words`() throws {
        #expect(try report(health: "warn").reasons == ["email: the primary is down; a backup serves"])
        #expect(
            try report { $0.providers[0] = try provider("sendgrid", breaker: "open") }.reasons
                == ["the breaker of sendgrid for email is open"])
        #expect(
            try report { $0.providers[1] = try provider("ses", breaker: "half_open") }.reasons
                == ["the breaker of ses for email is half_open"])
        #expect(try report { $0.providers[1] = try provider("ses", enabled: false) }.reasons == ["ses is disabled"])
        #expect(
            try report { $0.endpoints = [try json(#"{"name":"shop","enabled":false}"#)] }.reasons
                == ["events are not told to shop any more"])
        #expect(
            try report {
                $0.overrides = [try json(#"{"kind":"stop_sending","target":"","channel":"sms","state":"stopped"}"#)]
            }.reasons == ["in force: stop_sending sms"])
    }

    @Test func `an override that is told already is not told twice`() throws {
        let report = try report {
            $0.providers[1] = try provider("ses", enabled: false)
            $0.overrides = [
                try json(#"{"kind":"provider_disabled","target":"ses","state":"disabled","reason":"billing"}"#)
            ]
        }
        #expect(report.reasons == ["ses is disabled"])
        #expect(report.lines(.plain).contains { $0.hasPrefix("provider_disabled  ses") })
    }

    @Test func `what may not be seen is said to be missing`() throws {
        let report = try report {
            $0.overrides = nil; $0.metrics = nil
        }
        #expect(report.isHealthy)
        #expect(report.json["overrides"] == .null && report.json["queues"] == .null)
        #expect(report.lines(.plain).last?.contains("scope operate") == true)
        #expect(report.lines(.plain).contains { $0.hasPrefix("email    pass    -") })
    }

    @Test(arguments: [
        (0, "-"), (0.85, "850ms"), (12.9, "12s"), (240, "4m"), (10_800, "3h"), (200_000, "2d"), (.infinity, "-"),
        (.nan, "-"),
    ])
    func `ages are short`(seconds: Double, text: String) { #expect(StatusReport.age(seconds) == text) }

    @Test func `a provider's row tells of rests and of channels that differ`() throws {
        let text = #"""
            {"name":"twilio","enabled":true,"health":null,"breakers":[{"channel":"sms","state":"open","held":true,
             "until":"2027-01-31T08:00:00.000Z"},{"channel":"voice","state":"closed","held":false}],"in_flight":0,
             "max_in_flight":8,"rate_limits":[],"resting_until":"2027-01-31T09:00:00.000Z"}
            """#
        let lines = ProviderPicture.table(of: [try json(text)]).lines(.plain)
        #expect(lines[1].contains("unknown  sms open (held), voice closed  0/8"))
        #expect(
            lines[1].hasSuffix("rests until 2027-01-31T09:00:00.000Z; sms until 2027-01-31T08:00:00.000Z"))
    }
}
