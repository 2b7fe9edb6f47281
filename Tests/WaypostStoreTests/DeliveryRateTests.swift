import Testing
import WaypostCore

@testable import WaypostStore

@Suite struct DeliveryRateTests {
    let store: StoreFixture

    init() throws { store = try StoreFixture() }

    private func line(_ provider: ProviderName?, _ window: Duration = .seconds(3600)) throws -> DeliveryRate? {
        try store.rates(window).first { $0.provider == provider }
    }

    @Test func `what was sent and delivered counts for the channel and for its provider`() throws {
        let first = try store.sent(as: "a")
        _ = try store.sent(as: "b")
        try store.take(first.receipt(.delivered), first.receipt(.opened), first.receipt(.clicked))
        for provider in [nil, "sendgrid"] as [ProviderName?] {
            let rate = try #require(try line(provider))
            #expect((rate.sent, rate.delivered, rate.undelivered, rate.opened, rate.clicked) == (2, 1, 0, 1, 1))
            #expect(rate.ratio == 0.5)
        }
        #expect(try store.rates().count == 2)
    }

    @Test func `of a provider that never reports, what it took is all that is known`() throws {
        let underway = try store.begin()
        try store.end(underway, .accepted(reference: "a"), rules: .none)
        let rate = try #require(try line(nil))
        #expect((rate.sent, rate.delivered, rate.undelivered) == (1, 1, 0))
        #expect(try line("sendgrid") == nil)
        _ = try store.sent(as: "b")
        #expect(try line(nil)?.ratio == 0.5)
    }

    @Test func `what goes back into the route counts against its provider and no more for the channel`() throws {
        let sent = try store.sent()
        try store.take(sent.receipt(.failed(Failure(.unavailable, "full"))))
        let whole = try line(nil)
        #expect(whole == nil)
        let provider = try #require(try line("sendgrid"))
        #expect((provider.sent, provider.delivered, provider.undelivered) == (1, 0, 1))
        #expect(provider.ratio == 0)
    }

    @Test func `a delivery is credited to the minute in which it was sent`() throws {
        let sent = try store.sent()
        // Sent two hours ago.
        try store.commits.perform("age") { session in
            try session.db.execute(sql: "UPDATE delivery SET changed_at = changed_at - 7200000")
            for (table, column, span) in [("tally", "minute", 120), ("tally_hour", "hour", 2)] {
                try session.db.execute(sql: "UPDATE \(table) SET \(column) = \(column) - \(span)")
            }
        }
        try store.take(sent.receipt(.delivered))
        #expect(try line(nil) == nil)
        let day = try #require(try line(nil, .seconds(86_400)))
        #expect((day.sent, day.delivered) == (1, 1))
    }

    @Test func `an unanswered attempt that was delivered all the same is sent and delivered`() throws {
        let underway = try store.begin()
        try store.end(underway, .failed(Failure(.ambiguous, "timeout")))
        try store.take(underway.receipt(.delivered))
        let rate = try #require(try line(nil))
        #expect((rate.sent, rate.delivered) == (1, 1))
    }

    @Test(arguments: [1, 59, 60, 61, 119, 120, 1440])
    func `a window is its whole minutes, however they lie in the hours`(minutes: Int) throws {
        // A delivery in each of the last 2,000 minutes.
        let now = Timestamp(milliseconds: 1_790_000_000_000)
        try store.commits.perform("fill") { session in
            for age in 0..<2000 {
                session.tally(.email, "ses", at: now - .seconds(60 * age)) { $0.sent += 1 }
            }
        }
        for shift in [0, 17, 43] {
            let rates = try store.reader.deliveryRates(
                [("w", .seconds(60 * minutes))], at: now - .seconds(60 * shift))
            // What lies after the moment asked for counts, too: there is none of it outside a test.
            #expect(rates.first?.sent == minutes + shift, "shifted by \(shift)")
        }
    }

    @Test func `nothing is known of nothing`() throws {
        #expect(try store.rates().isEmpty)
        #expect(
            DeliveryRate(
                channel: .sms, provider: nil, window: "1h", sent: 0, delivered: 0, undelivered: 1, opened: 0, clicked: 0
            ).ratio == nil)
    }

    @Test func `old lines go`() throws {
        _ = try store.sent()
        try store.commits.perform("age") { session in
            try session.db.execute(sql: "UPDATE tally SET minute = minute - 36 * 1440")
            try session.db.execute(sql: "UPDATE tally_hour SET hour = hour - 36 * 24")
        }
        #expect(try store.commits.perform("forget") { try $0.forgetTallies(atMost: 100) } == 4)
        _ = try store.sent(as: "b")
        #expect(try store.commits.perform("forget") { try $0.forgetTallies(atMost: 100) } == 0)
    }
}
