import Testing
import WaypostCore
import WaypostPolicy
import WaypostTesting

@Suite struct VerdictTests {
    private static let until = Timestamp(milliseconds: 5_000)

    /// What each outcome means under `reconcile`, `resend` and `hold`.
    private static let table: [(outcome: Outcome, verdicts: [Verdict])] = {
        func row(_ kind: Failure.Kind, _ scope: Failure.Scope, _ verdict: Verdict) -> (Outcome, [Verdict]) {
            (.failed(Failure(kind, "why", scope: scope, until: until)), [verdict, verdict, verdict])
        }
        var rows: [(Outcome, [Verdict])] = [(.accepted(reference: nil), [.sent, .sent, .sent])]
        for scope in [Failure.Scope.endpoint, .provider, .account, .connection] {
            rows += [
                row(.unavailable, scope, .onward), row(.unsuitable, scope, .onward),
                row(.misconfigured, scope, .onward),
                row(.refusedMessage, scope, .failed(reason: "refused_message: why")),
                row(.refusedRecipient, scope, .suppress(nil, reason: "refused_recipient: why")),
                row(.throttled, scope, scope == .endpoint ? .later(until: until) : .rest(until: until)),
                (
                    .failed(Failure(.ambiguous, "why", scope: scope)),
                    [.doubt(.reconcile), .onward, .doubt(.hold)]
                ),
            ]
        }
        return rows
    }()

    @Test func `the table holds every kind of failure`() {
        let kinds = Self.table.compactMap { row in
            if case .failed(let failure) = row.outcome { failure.kind } else { nil }
        }
        #expect(Set(kinds) == Set(Failure.Kind.allCases))
        #expect(AmbiguityPolicy.allCases == [.reconcile, .resend, .hold])
    }

    @Test(arguments: table.indices, AmbiguityPolicy.allCases.indices)
    func `every outcome means one thing under each policy`(row: Int, policy: Int) {
        let (outcome, verdicts) = Self.table[row]
        #expect(Verdict.after(outcome, policy: AmbiguityPolicy.allCases[policy]) == verdicts[policy])
    }

    @Test func `a failure without a detail is told by its kind alone`() {
        let outcome = Outcome.failed(Failure(.refusedMessage, ""))
        #expect(Verdict.after(outcome, policy: .hold) == .failed(reason: "refused_message"))
    }

    @Test func `what is said of one recipient goes before what is said of all`() {
        let result = ExchangeResult(
            .accepted(reference: "r"), exceptions: [1: Failure(.refusedRecipient, "gone", scope: .endpoint)])
        #expect(Verdict.after(result, for: 0, policy: .hold) == .sent)
        #expect(Verdict.after(result, for: 1, policy: .hold) == .suppress(nil, reason: "refused_recipient: gone"))
    }
}

@Suite struct NextStepTests {
    let now = Timestamp(milliseconds: 1_000_000)

    private func step(
        _ verdict: Verdict, _ progress: inout RouteProgress, lives: Duration = .seconds(3600)
    ) -> NextStep {
        var settings = DeliverySettings()
        settings.delays = [.seconds(5)]
        settings.jitter = 0
        var random = SeededRandom(seed: 1)
        let plan = RoutePlan(schedule: RetrySchedule(settings), expiresAt: now + lives)
        return NextStep.after(verdict, by: "a", progress: &progress, plan: plan, at: now, random: &random)
    }

    @Test(arguments: [
        (Verdict.sent, NextStep.finish(.sent, reason: "")), (.failed(reason: "why"), .finish(.failed, reason: "why")),
        (.suppress(nil, reason: "why"), .finish(.failed, reason: "why")),
        (.doubt(.hold), .finish(.inDoubt, reason: "ambiguous")), (.doubt(.reconcile), .reconcile),
        (.rest(until: nil), .tryNext),
    ])
    func `an end, a doubt and a rest leave the turns as they are`(verdict: Verdict, expected: NextStep) {
        var progress = RouteProgress()
        #expect(step(verdict, &progress) == expected)
        #expect(progress == RouteProgress())
    }

    @Test func `going on uses up the provider's turn`() {
        var progress = RouteProgress()
        #expect(step(.onward, &progress) == .tryNext)
        #expect(progress == RouteProgress(round: 1, tried: ["a"], lastTriedAt: now))
    }

    @Test func `an address that rests begins a new round, at the later of its wish and the schedule's`() {
        var progress = RouteProgress()
        #expect(step(.later(until: nil), &progress) == .retry(at: now + .seconds(5)))
        #expect(progress == RouteProgress(round: 2))
        progress = RouteProgress()
        #expect(step(.later(until: now + .seconds(2)), &progress) == .retry(at: now + .seconds(5)))
        progress = RouteProgress()
        #expect(step(.later(until: now + .seconds(60)), &progress) == .retry(at: now + .seconds(60)))
        progress = RouteProgress()
        #expect(
            step(.later(until: now + .seconds(60)), &progress, lives: .seconds(30)) == .retry(at: now + .seconds(30)))
    }

    @Test func `an address that rests when no retry is left is dead`() {
        var progress = RouteProgress(round: 2)
        #expect(step(.later(until: now + .seconds(1)), &progress) == .finish(.dead, reason: "retries_exhausted"))
    }
}
