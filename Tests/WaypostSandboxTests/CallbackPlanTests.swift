import Testing
import WaypostJSON

@testable import WaypostSandbox

/// What is told of a message, by outcome, and what the chances of the way make of it.
@Suite struct CallbackPlanTests {
    private static let url = "http://127.0.0.1:8080/webhooks/x/status"
    private let ids = SharedReferences()

    private static func plan(_ change: (inout Sandbox.Settings.Callbacks) -> Void = { _ in }) -> CallbackPlan {
        var settings = Sandbox.Settings()
        settings.callbacks.call(router: "http://127.0.0.1:8080")
        change(&settings.callbacks)
        return CallbackPlan(settings)
    }

    private func letters(of order: TakenOrder, by plan: inout CallbackPlan) -> [CallbackPlan.Dated] {
        var counts = CallbackCounts()
        return plan.letters(for: order, at: 1_736_942_400_000, ids: ids, counts: &counts)
    }

    private func told(_ order: TakenOrder, _ rule: OutcomeRule) -> [Letter] {
        var plan = Self.plan()
        _ = plan.rules.add(rule)
        return letters(of: order, by: &plan).map(\.letter)
    }

    private static let mail: JSONValue = [
        "personalizations": [
            ["to": [["email": "a@example.com"]], "custom_args": ["n": "own", "event": "mine"]]
        ],
        "custom_args": ["n": "shared", "m": "all"], "categories": ["receipt"],
    ]

    @Test(arguments: [
        (CallbackOutcome.delivered, ["processed", "delivered"]), (.deferred, ["processed", "deferred", "delivered"]),
        (.bounce, ["processed", "bounce"]), (.blocked, ["processed", "bounce"]), (.dropped, ["dropped"]),
        (.complaint, ["processed", "delivered", "spamreport"]),
        (.unsubscribe, ["processed", "delivered", "unsubscribe"]),
        (.clicked, ["processed", "delivered", "open", "click"]), (.silent, []),
    ])
    func `SendGrid's events`(outcome: CallbackOutcome, expected: [String]) throws {
        let letters = told(.sendGrid(Self.mail, id: "abc"), OutcomeRule(.sendgrid, outcome))
        let events = letters.map { letter -> JSONValue in
            guard case .event(let bytes) = letter.content else { return .null }
            return (try? JSONValue(parsing: bytes)) ?? .null
        }
        #expect(events.map { $0["event"]?.string } == expected)
        #expect(events.allSatisfy { $0["n"] == "own" && $0["m"] == "all" && $0["category"] == ["receipt"] })
        if outcome == .blocked { #expect(events[1]["type"] == "blocked") }
        if outcome == .bounce { #expect(events[1]["type"] == "bounce" && events[1]["status"] == "5.1.1") }
        if outcome == .dropped { #expect(events[0]["reason"] == "Bounced Address") }
    }

    private static func form(_ fields: [(String, String)]) throws -> FormFields {
        try #require(FormFields(Fixture.form(fields)))
    }

    @Test(
        arguments: [
            (CallbackOutcome.delivered, ["sent", "delivered"], nil), (.undelivered, ["sent", "undelivered"], "30003"),
            (.failed, ["failed"], "30008"), (.read, ["sent", "delivered", "read"], nil), (.silent, [], nil),
            (.unsubscribe, ["sent", "delivered", nil], nil),
        ] as [(CallbackOutcome, [String?], String?)])
    func `Twilio's statuses`(outcome: CallbackOutcome, expected: [String?], code: String?) throws {
        let form = try Self.form([
            ("To", "whatsapp:+15558675310"), ("From", "whatsapp:+15550100001"), ("StatusCallback", Self.url),
        ])
        let letters = told(.twilio(form, sid: "SM1", first: "queued"), OutcomeRule(.twilio, outcome))
        let fields = letters.map { letter -> [String: String] in
            guard case .form(let fields, _) = letter.content else { return [:] }
            return Dictionary(uniqueKeysWithValues: fields)
        }
        #expect(fields.map { $0["MessageStatus"] } == expected)
        #expect(fields.compactMap { $0["ErrorCode"] }.first == code)
        #expect(fields.allSatisfy { $0["AccountSid"] == Sandbox.Settings.Twilio().accountSID })
        if outcome == .unsubscribe {
            #expect(fields.last?["Body"] == "STOP" && fields.last?["From"] == "whatsapp:+15558675310")
            #expect(letters.last?.url == "http://127.0.0.1:8080/webhooks/twilio/inbound")
        }
    }

    @Test func `a call tells the events that were asked for, numbered, and its recording`() throws {
        let form = try Self.form([
            ("To", "+15558675310"), ("From", "+15550100003"), ("StatusCallback", Self.url),
            ("StatusCallbackEvent", "initiated"), ("StatusCallbackEvent", "ringing"),
            ("StatusCallbackEvent", "answered"), ("StatusCallbackEvent", "completed"), ("Record", "true"),
            ("RecordingStatusCallback", "http://127.0.0.1:8080/webhooks/x/recording"),
        ])
        let order = TakenOrder.twilio(form, sid: "CA1", first: "queued")
        let fields = told(order, OutcomeRule(.twilio, .delivered)).map { letter -> [String: String] in
            guard case .form(let fields, _) = letter.content else { return [:] }
            return Dictionary(uniqueKeysWithValues: fields)
        }
        #expect(
            fields.map { $0["CallStatus"] } == ["initiated", "ringing", "in-progress", "completed", nil])
        #expect(fields.prefix(4).map { $0["SequenceNumber"] } == ["0", "1", "2", "3"])
        #expect(fields[3]["CallDuration"] == "7" && fields[3]["RecordingSid"]?.hasPrefix("RE") == true)
        #expect(fields[0]["Timestamp"] == "Wed, 15 Jan 2025 12:00:00 +0000")
        #expect(fields[4]["RecordingStatus"] == "completed")
        let busy = told(order, OutcomeRule(.twilio, .busy)).count
        #expect(busy == 3)
    }

    @Test(
        arguments: [
            (CallbackOutcome.delivered, ["sent", "delivered"], nil), (.undelivered, ["sent", "delivery_failed"], "1"),
            (.expired, ["sent", "expired"], nil), (.deferred, ["sent", "buffered", "delivered"], nil),
            (.silent, [], nil),
        ] as [(CallbackOutcome, [String], String?)])
    func `MessageBird's reports`(outcome: CallbackOutcome, expected: [String], code: String?) throws {
        let body: JSONValue = ["reference": "r", "reportUrl": .string(Self.url), "body": "Hi"]
        let order = TakenOrder.messageBird(body, kind: .messages, numbers: ["15558675310"], id: "i")
        let queries = told(order, OutcomeRule(.messagebird, outcome)).compactMap { $0.url.queryFields }
        #expect(queries.map { $0["status"] } == expected)
        #expect(queries.compactMap { $0["statusErrorCode"] }.first == code)
        let nameless: JSONValue = ["reportUrl": .string(Self.url), "body": "Hi"]
        #expect(
            told(
                .messageBird(nameless, kind: .messages, numbers: ["1"], id: "i"), OutcomeRule(.messagebird, outcome)
            ).isEmpty, "without reference there are no reports")
    }

    // MARK: Rules

    @Test(arguments: [
        ("a@example.com", "A@example.com", true), ("a@example.com", "b@example.com", false),
        ("*@example.com", "b@EXAMPLE.com", true), ("+1555*", "+15558675310", true), ("+1555*", "+4915", false),
        ("*bob*", "x.bob.y@z", true), ("*bob*", "alice@z", false), ("*", "anybody", true),
    ])
    func `a rule's recipient`(pattern: String, address: String, matches: Bool) {
        #expect(OutcomeRule(.ses, .bounce, recipient: pattern).concerns(address) == matches)
    }

    @Test func `the first rule that strikes wins, shares and counts hold, and the seed decides`() {
        func outcomes(seed: UInt64) -> [CallbackOutcome] {
            var rules = OutcomeRules()
            var some = OutcomeRule(.sendgrid, .bounce)
            (some.share, some.seed) = (0.3, seed)
            var few = OutcomeRule(.sendgrid, .dropped, recipient: "a*")
            few.count = 5
            _ = (rules.add(some), rules.add(few))
            return (0..<1_000).map { rules.outcome(of: "a\($0)", at: .sendgrid).0 }
        }
        let first = outcomes(seed: 1)
        #expect((250...350).contains(first.count { $0 == .bounce }))
        #expect(first.count { $0 == .dropped } == 5)
        #expect(first == outcomes(seed: 1) && first != outcomes(seed: 2))
    }

    // MARK: The way

    @Test func `loss, doubles, new ids and lateness come from the seed alone`() {
        func run(seed: UInt64) -> (CallbackCounts, [Duration]) {
            var plan = Self.plan { callbacks in
                callbacks.transport.delay = .milliseconds(1) ... .milliseconds(9)
                callbacks.transport.loss = 0.2
                callbacks.transport.duplicate = 0.3
                callbacks.transport.again = 0.1
                callbacks.transport.reorder = 0.1
                callbacks.transport.forge = 0.05
                callbacks.transport.seed = seed
            }
            var counts = CallbackCounts()
            let dated = (0..<500).flatMap { number in
                plan.letters(for: .sendGrid(Self.mail, id: "\(number)"), at: 0, ids: ids, counts: &counts)
            }
            return (counts, dated.map(\.after))
        }
        let first = run(seed: 3)
        #expect((150...250).contains(first.0.lost) && (190...290).contains(first.0.duplicated))
        #expect((50...110).contains(first.0.again) && (50...110).contains(first.0.reordered))
        let second = run(seed: 3)
        #expect(first.0 == second.0 && first.1 == second.1)
        #expect(run(seed: 4).1 != first.1)
    }

    @Test func `a double carries the same event id, what comes again another`() throws {
        var plan = Self.plan { ($0.transport.duplicate, $0.transport.again) = (1, 1) }
        let ids = letters(of: .sendGrid(Self.mail, id: "x"), by: &plan).compactMap { dated -> String? in
            guard case .event(let bytes) = dated.letter.content else { return nil }
            return (try? JSONValue(parsing: bytes))?["sg_event_id"]?.string
        }
        #expect(ids.count == 6 && Set(ids).count == 4)
        #expect(ids[0] == ids[1] && ids[0] != ids[2])
    }

    @Test func `a step comes after the step before`() {
        var plan = Self.plan { $0.transport.delay = .milliseconds(10) ... .milliseconds(30) }
        let dues = letters(of: .sendGrid(Self.mail, id: "x"), by: &plan).map(\.after)
        #expect(dues.count == 2 && dues[0] >= .milliseconds(10) && dues[1] >= dues[0] + .milliseconds(10))
    }

    @Test func `who is repeated to, and when it ends`() {
        let plan = Self.plan { ($0.transport.retries, $0.transport.retryDelay) = (2, .seconds(1)) }
        func retry(_ provider: StandIn, _ status: Int?, failures: Int = 0) -> Duration? {
            var letter = Letter(provider, Self.url, .query, key: "k")
            letter.failures = failures
            return plan.retry(of: letter, after: status)
        }
        #expect(retry(.sendgrid, 400) == .seconds(1) && retry(.sendgrid, 500, failures: 1) == .seconds(2))
        #expect(retry(.sendgrid, 500, failures: 2) == nil)
        #expect(retry(.ses, 403) == nil && retry(.ses, 429) != nil && retry(.ses, nil) != nil)
        #expect(retry(.twilio, 404) == nil && retry(.twilio, 500) != nil && retry(.messagebird, 404) != nil)
    }
}
