import Testing
import WaypostCore
import WaypostPolicy
import WaypostProviders
import WaypostStore
import WaypostTesting

@testable import WaypostDelivery

@Suite struct InterventionsTests {
    let time = ManualTime()

    private func override(
        _ kind: Override.Kind, _ target: String = Override.everything, on channel: Channel? = nil,
        state: String = "", reason: String = "drill"
    ) -> Override {
        Override(
            id: OverrideID(at: time.wallNow), kind: kind, target: target, channel: channel, state: state,
            reason: reason,
            by: "ops", createdAt: time.wallNow, expiresAt: nil)
    }

    private func steering(_ names: [ProviderName] = ["a", "b"], objection: String? = nil) -> Steering {
        var settings = DeliverySettings()
        settings.delays = [.seconds(5)]
        settings.jitter = 0
        let gates = Dictionary(uniqueKeysWithValues: names.map { ($0, GateSettings.email()) })
        let plan = DeliveryPlan(
            version: "v1", routes: [.email: RouteSettings(providers: names)],
            providers: Dictionary(
                uniqueKeysWithValues: names.map {
                    ($0, SilentProvider(name: $0, objection: objection) as any Provider)
                }),
            gates: gates, settings: settings, limits: LimitSettings(), publicURL: "", maxQueued: 100)
        return Steering(plan, gates: ProviderGates(gates) { _ in }, time: time)
    }

    private func choose(
        _ steering: Steering, _ progress: RouteProgress = RouteProgress(), lives: Duration = .seconds(3600)
    ) -> Steering.Choice {
        let message = email(at: time.wallNow, lives: lives)
        return steering.choose(for: message, message.content.deliveries, progress, plan: steering.current)
    }

    private func verdicts(_ choice: Steering.Choice) -> [String] {
        switch choice {
        case .taken(_, _, let decision), .wait(_, let decision), .nextRound(_, let decision),
            .finish(_, _, let decision):
            decision.considered.map { "\($0.provider) \($0.verdict.rawValue)" }
        }
    }

    @Test func `a stopped channel holds every message, and says why, until it resumes`() {
        let steering = steering()
        steering.intervene(Interventions([override(.stopSending, on: .email, reason: "leak")]))
        let choice = choose(steering)
        guard case .wait(nil, let decision) = choice else {
            Issue.record("\(choice)")
            return
        }
        #expect(verdicts(choice) == ["a overridden", "b overridden"])
        #expect(decision.considered[0].detail == "sending is stopped: leak")
        steering.intervene(Interventions())
        #expect(verdicts(choose(steering)) == ["a taken"])
    }

    @Test(arguments: [
        RouteProgress(tried: ["a", "b"]), RouteProgress(round: 2, tried: ["a", "b"]), RouteProgress(tried: ["a"]),
    ])
    func `what is stopped waits, whatever its retries say`(progress: RouteProgress) {
        let steering = steering()
        steering.intervene(Interventions([override(.stopSending)]))
        guard case .wait(nil, _) = choose(steering, progress) else {
            Issue.record("it did not wait")
            return
        }
    }

    @Test func `the time to live goes on, and what nobody can carry fails all the same`() {
        let stopped = steering()
        stopped.intervene(Interventions([override(.stopSending)]))
        guard case .finish(.expired, _, _) = choose(stopped, lives: .zero) else {
            Issue.record("it has not expired")
            return
        }
        let unable = steering(objection: "too large")
        unable.intervene(Interventions([override(.stopSending)]))
        guard case .finish(.failed, _, _) = choose(unable) else {
            Issue.record("it has not failed")
            return
        }
    }

    @Test func `a stop of one channel leaves the others alone`() {
        let steering = steering()
        steering.intervene(Interventions([override(.stopSending, on: .sms)]))
        #expect(verdicts(choose(steering)) == ["a taken"])
    }

    @Test func `a switched channel passes its first over, as long as a backup can stand in`() {
        let steering = steering()
        let switched = override(.switchToBackup, "a", on: .email)
        steering.intervene(Interventions([switched]))
        #expect(verdicts(choose(steering)) == ["a overridden", "b taken"])
        // Tried, the backup is still there: the message waits for it.
        guard case .nextRound = choose(steering, RouteProgress(tried: ["b"], lastTriedAt: time.wallNow)) else {
            Issue.record("it went to the one that is passed over")
            return
        }
        steering.intervene(Interventions([switched, override(.providerDisabled, "b")]))
        #expect(verdicts(choose(steering)).last == "a taken")
        let alone = self.steering(["a"])
        alone.intervene(Interventions([switched]))
        #expect(verdicts(choose(alone)) == ["a taken"])
    }

    @Test func `breakers are held open, of one provider or of all, and what was held before holds again`() {
        let steering = steering()
        let closed = override(.breakerHeld, "a", state: "closed")
        steering.intervene(Interventions([override(.openBreakers, "a"), closed]))
        #expect(verdicts(choose(steering)) == ["a breaker_open", "b taken"])
        steering.intervene(Interventions([override(.openBreakers, on: .email), closed]))
        #expect(verdicts(choose(steering)) == ["a breaker_open", "b breaker_open"])
        steering.intervene(Interventions([override(.openBreakers, on: .sms), closed]))
        #expect(verdicts(choose(steering)) == ["a taken"])
        let words = steering.gates.snapshots(at: time.now).map { $0.breakers[0].state.word }
        #expect(words == [.forcedClosed, .closed])
    }

    @Test func `a new plan is under what is held`() {
        let steering = steering()
        steering.intervene(Interventions([override(.openBreakers), override(.providerDisabled, "b")]))
        var plan = steering.current
        var slower = CircuitBreakerSettings()
        slower.recovery = .seconds(7)
        plan.gates["a"]?.breakers = [.email: slower]
        steering.replace(plan)
        #expect(verdicts(choose(steering)) == ["a breaker_open", "b disabled"])
    }

    @Test func `a snapshot under interventions changes nothing`() throws {
        let steering = steering()
        let then = Interventions([override(.providerDisabled, "a")])
        let snapshot = try #require(steering.gates.snapshot(of: "a", under: then, at: time.now))
        #expect(!snapshot.enabled && snapshot.disabledBecause == "drill")
        #expect(verdicts(choose(steering)) == ["a taken"])
    }
}
