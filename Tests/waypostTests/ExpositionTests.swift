import Testing

@testable import waypost

@Suite struct ExpositionTests {
    @Test func `a series is found by its labels in any order`() {
        let page = Exposition(
            """
            # HELP waypost_queue_depth Deliveries that have not come to an end.
            # TYPE waypost_queue_depth gauge
            waypost_queue_depth{channel="email",state="queued"} 12
            waypost_queue_depth{channel="sms",state="queued"} 3
            waypost_ledger_imbalance 0
            """)
        #expect(page["waypost_queue_depth", ["state": "queued", "channel": "sms"]] == 3)
        #expect(page["waypost_queue_depth", ["channel": "push"]] == nil)
        #expect(page["waypost_ledger_imbalance", [:]] == 0)
        #expect(page["waypost_queue", [:]] == nil)
        #expect(page.samples.count == 3)
    }

    @Test(arguments: [
        (#"a{b="x\"y\\z\n"} 1"#, ["b": "x\"y\\z\n"], 1.0), ("a 1.5e3", [:], 1500), ("a{} +Inf", [:], .infinity),
        ("a 4 1700000000000", [:], 4), (#"a{b="}",c=","} 2"#, ["b": "}", "c": ","], 2),
    ])
    func `labels and numbers are read as they are written`(line: String, labels: [String: String], value: Double) {
        #expect(Exposition(line).samples == [.init(name: "a", labels: labels, value: value)])
    }

    @Test(arguments: ["a", "a{", #"a{b="c} 1"#, "a{b=c} 1", "a x", "{b=\"c\"} 1", "", #"a{b="\"#])
    func `what cannot be read is passed over`(line: String) {
        #expect(Exposition(line + "\nrest 1").samples.map(\.name) == ["rest"])
    }
}
