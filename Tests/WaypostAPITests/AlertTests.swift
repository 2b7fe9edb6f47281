import Testing
import WaypostCore
import WaypostJSON

@testable import WaypostAPI

/// Alertmanager's webhooks, read and put into words.
@Suite struct AlertTests {
    /// As Alertmanager 0.25 sends it.
    private static func webhook(
        _ status: String = "firing", name: String? = "WaypostDown", alerts: [String], truncated: Int = 0
    ) -> String {
        let common = name.map { #""alertname":"\#($0)","# } ?? ""
        return """
            {"receiver":"pages","status":"\(status)","alerts":[\(alerts.joined(separator: ","))],
            "groupLabels":{},"commonLabels":{\(common)"job":"waypost"},"commonAnnotations":{},
            "externalURL":"http://am:9093","version":"4","groupKey":"{}:{alertname=\\"X\\"}","truncatedAlerts":\(truncated)}
            """
    }

    private static func alert(
        _ status: String = "firing", name: String = "WaypostDown", summary: String? = "Waypost on a does not answer",
        print: String = "f1"
    ) -> String {
        let notes = summary.map { #""summary":"\#($0)""# } ?? ""
        return """
            {"status":"\(status)","labels":{"alertname":"\(name)","instance":"a"},"annotations":{\(notes)},
            "startsAt":"2025-01-15T12:00:00Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"","fingerprint":"\(print)"}
            """
    }

    private func notification(_ text: String) throws -> AlertNotification {
        try AlertNotification.decode(try JSONValue(parsing: Array(text.utf8))).get()
    }

    @Test(arguments: [
        (webhook(alerts: [alert()]), "[FIRING:1] WaypostDown", ["Waypost on a does not answer"]),
        (
            webhook(alerts: [alert("resolved", summary: "one"), alert(summary: "two", print: "f2")]),
            "[FIRING:1] WaypostDown", ["two", "resolved: one"]
        ),
        (
            webhook("resolved", alerts: [alert("resolved", summary: "one"), alert("resolved", summary: "two")]),
            "[RESOLVED] WaypostDown", ["one", "two"]
        ),
        (
            webhook(name: nil, alerts: [alert(), alert(name: "WaypostSlow", summary: nil)]), "[FIRING:2] 2 alerts",
            ["WaypostDown: Waypost on a does not answer", "WaypostSlow"]
        ),
        (
            webhook(alerts: (1...6).map { alert(summary: "number \($0)") }, truncated: 4), "[FIRING:10] WaypostDown",
            ["number 1", "number 2", "number 3", "number 4", "number 5", "and 5 more"]
        ),
        (
            webhook(alerts: [alert(summary: #"two\nlines\u0007, \ttabs"#)]), "[FIRING:1] WaypostDown",
            ["two lines , tabs"]
        ),
    ])
    func `a group is headed like Alertmanager's own receivers do, an alert a line`(
        text: String, title: String, lines: [String]
    ) throws {
        let words = AlertText(try notification(text), listing: 5)
        #expect(words.title == title && words.lines == lines)
    }

    @Test func `a line is not endless`() throws {
        let long = String(repeating: "long ", count: 100)
        let words = AlertText(try notification(Self.webhook(alerts: [Self.alert(summary: long)])), listing: 5)
        #expect(words.lines[0].count <= 160 && words.lines[0].hasSuffix("…"))
    }

    @Test(arguments: ["email", "sms", "whatsapp", "voice", "push"])
    func `each channel's messages are what a batch takes: urgent notifications`(channel: String) throws {
        let to = channel == "email" ? "ops@example.com&to=b@example.com" : "%2B14155550100&to=+14155550101"
        let order = try AlertOrder.read("channel=\(channel)&to=\(to)").get()
        let words = AlertText(try notification(Self.webhook(alerts: [Self.alert()])), listing: order.count)
        let drafts = try SendBatch.decode(order.batch(words), at: noon).get().map { try $0.get() }
        #expect(drafts.count == 2)
        for draft in drafts {
            #expect(draft.channel.rawValue == channel && draft.type == .notification && draft.priority == .urgent)
        }
        if channel == "sms" { #expect(drafts.map { $0.deliveries[0].address } == ["+14155550100", "+14155550101"]) }
        if channel == "push" { #expect(drafts.map(\.user) == ["+14155550100", "+14155550101"]) }
    }

    @Test(arguments: [
        ("channel=sms", ["?to"]), ("to=x", ["?channel"]), ("channel=fax&to=x", ["?channel"]),
        ("channel=realtime&to=x", ["?channel"]), ("channel=sms&channel=sms&to=x", ["?channel"]),
        ("channel=sms&to=x&limit=0", ["?limit"]), ("channel=sms&to=x&limt=1", ["?limt"]),
        ("channel=sms" + String(repeating: "&to=x", count: 21), ["?to"]),
    ])
    func `a query that asks for what cannot be is refused by name`(query: String, places: [String]) {
        guard case .failure(let problem) = AlertOrder.read(Substring(query)) else {
            Issue.record("\(query) was taken")
            return
        }
        #expect(problem.errors.map(\.pointer) == places)
    }

    @Test(arguments: [
        ("{}", ["/version", "/alerts", "/groupKey", "/status"]),
        (webhook(alerts: []), ["/alerts"]),
        (webhook("odd", alerts: [alert("gone")]), ["/alerts/0/status", "/status"]),
        (
            #"{"version":"4","groupKey":"g","status":"firing","alerts":[{"status":"firing"}]}"#,
            ["/alerts/0/labels/alertname", "/alerts/0/startsAt"]
        ),
    ])
    func `what is no webhook of version 4 is refused, member by member`(text: String, places: [String]) throws {
        guard case .failure(let problem) = AlertNotification.decode(try JSONValue(parsing: Array(text.utf8))) else {
            Issue.record("it was taken")
            return
        }
        #expect(Set(problem.errors.map(\.pointer)) == Set(places))
    }

    @Test func `a repetition has the key of the first; what differs, or comes later, has another`() throws {
        let order = try AlertOrder.read("channel=sms&to=a").get()
        let two = [Self.alert(print: "f1"), Self.alert(print: "f2")]
        let first = order.key(of: try notification(Self.webhook(alerts: two)), at: noon)
        #expect(
            order.key(of: try notification(Self.webhook(alerts: two.reversed())), at: noon + .seconds(299)) == first)
        let others = [
            order.key(of: try notification(Self.webhook(alerts: [two[0]])), at: noon),
            order.key(of: try notification(Self.webhook("resolved", alerts: two)), at: noon),
            order.key(of: try notification(Self.webhook(alerts: two)), at: noon + .seconds(300)),
            try AlertOrder.read("channel=sms&to=b").get().key(of: notification(Self.webhook(alerts: two)), at: noon),
            try AlertOrder.read("channel=voice&to=a").get().key(of: notification(Self.webhook(alerts: two)), at: noon),
        ]
        #expect(Set(others + [first]).count == 6)
    }
}
