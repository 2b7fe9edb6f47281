import Testing
import WaypostCore
import WaypostPolicy
import WaypostTesting

@Suite struct RoutePlanTests {
    let now = Timestamp(milliseconds: 1_000_000)
    var random = SeededRandom(seed: 1)
    private let fresh = RouteProgress()

    private func plan(_ delays: [Duration] = [.seconds(5)], lives: Duration = .seconds(3600)) -> RoutePlan {
        var settings = DeliverySettings()
        settings.delays = delays
        settings.jitter = 0
        return RoutePlan(schedule: RetrySchedule(settings), expiresAt: now + lives)
    }

    private mutating func next(
        _ progress: RouteProgress, _ candidates: [(ProviderName, Standing)], plan: RoutePlan? = nil
    ) -> RoutePlan.Move {
        (plan ?? self.plan()).next(
            progress, candidates: candidates.map { (provider: $0, standing: $1) }, at: now, random: &random)
    }

    private func tried(_ names: ProviderName..., round: Int = 1, ago: Duration = .zero) -> RouteProgress {
        RouteProgress(round: round, tried: names, lastTriedAt: now - ago)
    }

    @Test mutating func `the first free candidate that has not had its turn is asked`() {
        #expect(next(fresh, [("a", .free), ("b", .free)]) == .attempt("a"))
        #expect(next(fresh, [("a", .busy(until: nil)), ("b", .free)]) == .attempt("b"))
        #expect(next(tried("a"), [("a", .free), ("b", .free)]) == .attempt("b"))
    }

    @Test mutating func `before anybody was asked, waiting uses up no retry`() {
        let soon = now + .seconds(30)
        #expect(
            next(fresh, [("a", .busy(until: soon)), ("b", .busy(until: soon + .seconds(1)))]) == .wait(until: soon))
        #expect(next(fresh, [("a", .busy(until: nil))]) == .wait(until: nil))
        #expect(next(fresh, [("a", .shut)], plan: plan([])) == .wait(until: nil))
        #expect(
            next(fresh, [("a", .busy(until: now + .seconds(90)))], plan: plan(lives: .seconds(60)))
                == .wait(until: now + .seconds(60)))
    }

    @Test mutating func `when all have had their turn the next round comes with its delay from the last turn`() {
        #expect(next(tried("a", ago: .seconds(2)), [("a", .free)]) == .nextRound(at: now + .seconds(3)))
        #expect(next(tried("a", ago: .seconds(60)), [("a", .free)]) == .nextRound(at: now))
    }

    @Test mutating func `one that frees itself sooner than the next round is waited for, one that does not is not`() {
        let sooner = now + .seconds(4)
        #expect(next(tried("a"), [("a", .free), ("b", .busy(until: sooner))]) == .wait(until: sooner))
        let later = now + .seconds(6)
        #expect(next(tried("a"), [("a", .free), ("b", .busy(until: later))]) == .nextRound(at: now + .seconds(5)))
        #expect(next(tried("a"), [("a", .free), ("b", .shut)]) == .nextRound(at: now + .seconds(5)))
    }

    @Test mutating func `when no retry is left, one that frees itself in time is waited for, and else it is dead`() {
        let exhausted = tried("a", round: 2)
        let freeAt = now + .seconds(600)
        #expect(next(exhausted, [("a", .free)]) == .finish(.dead, reason: "retries_exhausted"))
        #expect(next(exhausted, [("a", .free), ("b", .busy(until: freeAt))]) == .wait(until: freeAt))
        #expect(
            next(exhausted, [("a", .free), ("b", .busy(until: freeAt))], plan: plan(lives: .seconds(600)))
                == .finish(.dead, reason: "retries_exhausted"))
        #expect(
            next(exhausted, [("a", .free), ("b", .busy(until: nil))]) == .finish(.dead, reason: "retries_exhausted"))
    }

    @Test mutating func `nothing is asked from the moment of expiry on, and a round after it wakes to end`() {
        #expect(next(fresh, [("a", .free)], plan: plan(lives: .zero)) == .finish(.expired, reason: "expired"))
        #expect(next(fresh, [("a", .free)], plan: plan(lives: .milliseconds(1))) == .attempt("a"))
        #expect(
            next(tried("a"), [("a", .free)], plan: plan(lives: .seconds(2))) == .nextRound(at: now + .seconds(2)))
    }

    @Test mutating func `a message that nobody can carry has failed`() {
        #expect(next(fresh, [("a", .unable), ("b", .unable)]) == .finish(.failed, reason: "no_provider"))
        #expect(next(fresh, []) == .finish(.failed, reason: "no_provider"))
        #expect(next(fresh, [("a", .unable), ("b", .shut)]) == .wait(until: nil))
    }

    @Test func `a turn is noted once, and the next round forgets them all`() {
        var progress = RouteProgress()
        progress.note("a", at: now)
        progress.note("b", at: now + .seconds(1))
        progress.note("a", at: now + .seconds(2))
        #expect(progress == RouteProgress(round: 1, tried: ["a", "b"], lastTriedAt: now + .seconds(2)))
        #expect(progress.nextRound == RouteProgress(round: 2))
    }
}
