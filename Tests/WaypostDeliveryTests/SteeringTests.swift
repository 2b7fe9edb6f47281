import Testing
import WaypostCore
import WaypostPolicy
import WaypostProviders
import WaypostStore
import WaypostTesting

@testable import WaypostDelivery

@Suite struct SteeringTests {
    let time = ManualTime()

    private func steering(
        _ gates: [ProviderName: GateSettings] = ["a": .email(), "b": .email()], objection: String? = nil,
        objections: [ProviderName: String] = [:], rules: [RouteSettings.Rule] = [], strategy: Strategy = .priority
    ) -> Steering {
        var settings = DeliverySettings()
        settings.delays = [.seconds(5)]
        settings.jitter = 0
        let names = gates.keys.sorted()
        let providers = names.map { SilentProvider(name: $0, objection: objections[$0] ?? objection) as any Provider }
        var route = RouteSettings(providers: names)
        route.rules = rules
        route.strategy = strategy
        let plan = DeliveryPlan(
            version: "v1", routes: [.email: route],
            providers: Dictionary(uniqueKeysWithValues: zip(names, providers)), gates: gates, settings: settings,
            limits: LimitSettings(), publicURL: "", maxQueued: 100)
        return Steering(plan, gates: ProviderGates(gates) { _ in }, time: time)
    }

    private func choose(
        _ steering: Steering, _ progress: RouteProgress = RouteProgress(), resting: ProviderName? = nil,
        lives: Duration = .seconds(3600)
    ) -> Steering.Choice {
        let message = email(at: time.wallNow, lives: lives)
        return steering.choose(
            for: message, message.content.deliveries, progress, resting: resting, plan: steering.current)
    }

    private func verdicts(_ decision: RoutingDecision) -> [String] {
        decision.considered.map { "\($0.provider) \($0.verdict.rawValue)" }
    }

    @Test func `the first that is free is taken, with the decision that says so`() {
        let choice = choose(steering())
        guard case .taken(let permit, let provider, let decision) = choice else {
            Issue.record("\(choice)")
            return
        }
        #expect(permit.provider == "a" && provider.name == "a")
        #expect(verdicts(decision) == ["a taken"])
        #expect(decision.configuration == "v1" && decision.round == 1 && decision.at == time.wallNow)
    }

    @Test func `what has the same providers to wait for waits on one track`() {
        let message = email(at: time.wallNow)
        func track(_ steering: Steering, excluded: [ProviderName] = []) -> Int {
            steering.track(of: message, message.content.deliveries, excluded: excluded)
        }
        let (all, onlyB) = (steering(), steering(objections: ["a": "too large"]))
        let onlyA = steering(objections: ["b": "too large"])
        #expect(track(all) == track(all))
        #expect(Set([all, onlyA, onlyB].map { track($0) }).count == 3)
        #expect(track(all, excluded: ["a"]) == track(onlyB))
        let byRule = steering(rules: [.init(match: .init(), providers: ["a", "b"])])
        #expect(![all, onlyA, onlyB].map { track($0) }.contains(track(byRule)))
        #expect([all, onlyA, onlyB, byRule].allSatisfy { QueuePlace.tracks.contains(track($0)) })
    }

    @Test func `whoever merely looks takes nobody's turn`() {
        let steering = steering(strategy: .roundRobin)
        let message = email(at: time.wallNow)
        let taken = (0..<4).map { _ -> ProviderName? in
            _ = steering.track(of: message, message.content.deliveries)
            guard case .taken(let permit, _, _) = choose(steering) else { return nil }
            return permit.provider
        }
        #expect(taken[0] != nil && taken[0] != taken[1] && taken[2] == taken[0] && taken[3] == taken[1], "\(taken)")
    }

    @Test func `one with an open breaker is passed over for the next`() throws {
        let steering = steering()
        steering.gates.apply(.breaker(.email, open: true), to: "a", at: time.now)
        guard case .taken(let permit, _, let decision) = choose(steering) else {
            Issue.record("nobody was taken")
            return
        }
        #expect(permit.provider == "b")
        #expect(verdicts(decision) == ["a breaker_open", "b taken"])
    }

    @Test func `when all rest, the first to be free is waited for, on the monotonic clock`() throws {
        let steering = steering()
        for (name, seconds) in [("a", 9), ("b", 4)] as [(ProviderName, Int)] {
            let permit = try #require(steering.gates.permit(name, at: time.now))
            steering.gates.settle(
                permit, .none, at: time.now,
                rest: .init(until: time.now + .seconds(seconds), step: .seconds(1), wholeAccount: false))
        }
        guard case .wait(let until, let decision) = choose(steering) else {
            Issue.record("it did not wait")
            return
        }
        #expect(until == time.now + .seconds(4))
        #expect(verdicts(decision) == ["a resting", "b resting"])
        #expect(decision.considered.map(\.until) == [time.wallNow + .seconds(9), time.wallNow + .seconds(4)])
    }

    @Test func `one that is merely busy is waited for rather than emptied into its backup`() throws {
        let steering = steering(["a": .email { $0.maxInFlight = 1 }, "b": .email()])
        _ = try #require(steering.gates.permit("a", at: time.now))
        guard case .wait(nil, let decision) = choose(steering) else {
            Issue.record("it did not wait")
            return
        }
        #expect(verdicts(decision) == ["a busy"])
    }

    @Test func `when all have had their turn the next round comes with its delay`() {
        let progress = RouteProgress(tried: ["a", "b"], lastTriedAt: time.wallNow)
        guard case .nextRound(let at, let decision) = choose(steering(), progress) else {
            Issue.record("no next round")
            return
        }
        #expect(at == time.wallNow + .seconds(5))
        #expect(verdicts(decision) == ["a tried", "b tried"])
    }

    @Test func `when the retries are used up it is dead, when its time is over it has expired`() {
        let progress = RouteProgress(round: 2, tried: ["a", "b"], lastTriedAt: time.wallNow)
        guard case .finish(.dead, "retries_exhausted", _) = choose(steering(), progress) else {
            Issue.record("it is not dead")
            return
        }
        let busy = RouteProgress(tried: ["a", "b"])
        guard case .finish(.expired, "expired", _) = choose(steering(), busy, lives: .zero) else {
            Issue.record("it has not expired")
            return
        }
    }

    @Test func `a message that none can carry has failed, and the decision says why`() {
        guard case .finish(.failed, "no_provider", let decision) = choose(steering(objection: "too large")) else {
            Issue.record("it has not failed")
            return
        }
        #expect(verdicts(decision) == ["a unable", "b unable"])
        #expect(decision.considered.first?.detail == "too large")
    }

    @Test func `one that has just asked to rest is not asked again`() {
        guard case .taken(let permit, _, let decision) = choose(steering(), resting: "a") else {
            Issue.record("nobody was taken")
            return
        }
        #expect(permit.provider == "b")
        #expect(verdicts(decision) == ["a resting", "b taken"])
    }

    @Test func `a new plan is taken whole, and one that is disabled in it is shut`() {
        let steering = steering()
        var plan = steering.current
        plan.version = "v2"
        plan.gates["a"]?.enabled = false
        steering.replace(plan)
        guard case .taken(let permit, _, let decision) = choose(steering) else {
            Issue.record("nobody was taken")
            return
        }
        #expect(permit.provider == "b" && decision.configuration == "v2")
    }

    @Test func `one whose token is dead is never asked, in no round`() {
        guard case .taken(let permit, _, let decision) = choose(steering(), RouteProgress(round: 2, excluded: ["a"]))
        else {
            Issue.record("nobody was taken")
            return
        }
        #expect(permit.provider == "b")
        #expect(verdicts(decision) == ["a unable", "b taken"])
    }
}
