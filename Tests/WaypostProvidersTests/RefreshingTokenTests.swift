import Testing
import WaypostConfiguration
import WaypostCore

@testable import WaypostProviders

@Suite struct RefreshingTokenTests {
    private static let start = Fixture.now
    private var token = RefreshingToken()

    private mutating func step(_ seconds: Int) -> RefreshingToken.Step {
        token.step(at: Self.start + .seconds(seconds))
    }

    private mutating func fetch(_ text: String = "one", at seconds: Int = 0, lifetime: Int = 3600) {
        let step = step(seconds)
        #expect(step == .fetch || step == .useAndFetch)
        token.fetched(Secret(text), lifetime: .seconds(lifetime))
    }

    @Test mutating func `the first asks, the others wait`() {
        #expect(step(0) == .fetch)
        #expect(step(0) == .wait)
        #expect(step(1) == .wait)
        token.fetched(Secret("one"), lifetime: .seconds(3600))
        #expect(step(2) == .use)
        #expect(token.current == Secret("one"))
    }

    @Test mutating func `it is fetched anew after three quarters of its life, by one`() {
        fetch()
        #expect(step(2699) == .use)
        #expect(step(2700) == .useAndFetch)
        #expect(step(2700) == .use)
        token.fetched(Secret("two"), lifetime: .seconds(3600))
        #expect(token.current == Secret("two"))
        #expect(step(2700 + 2699) == .use)
        #expect(step(2700 + 2700) == .useAndFetch)
    }

    @Test mutating func `its end comes half a minute early`() {
        fetch()
        #expect(token.token(at: Self.start + .seconds(3569)) == Secret("one"))
        #expect(token.token(at: Self.start + .seconds(3570)) == nil)
        #expect(step(3570) == .fetch)
    }

    @Test mutating func `a short life is used, too`() {
        fetch(lifetime: 10)
        #expect(step(7) == .use)
        #expect(step(8) == .useAndFetch)
        #expect(step(8) == .use)
        #expect(step(9) == .wait)
    }

    @Test mutating func `a refresh that fails leaves the old one, and is tried again after a while`() {
        fetch()
        #expect(step(2700) == .useAndFetch)
        token.failed()
        #expect(step(2701) == .use)
        #expect(step(2729) == .use)
        #expect(step(2730) == .useAndFetch)
        token.failed()
        #expect(step(3570) == .fetch)
        token.failed()
        #expect(step(3570) == .fetch)
    }

    @Test mutating func `the life counts from when it was asked for`() {
        #expect(step(0) == .fetch)
        _ = step(100)
        token.fetched(Secret("one"), lifetime: .seconds(3600))
        #expect(step(2700) == .useAndFetch)
    }

    @Test mutating func `a refused one is fetched anew at once, and not again for a while`() {
        fetch()
        token.reject(at: Self.start + .seconds(1))
        token.reject(at: Self.start + .seconds(1))
        #expect(token.token(at: Self.start + .seconds(1)) == nil)
        fetch("two", at: 1)
        token.reject(at: Self.start + .seconds(2))  // an answer to the old one
        #expect(step(2) == .use)
        token.reject(at: Self.start + .seconds(6))
        #expect(step(6) == .fetch)
    }

    @Test mutating func `a refusal while the next is under way waits for that`() {
        fetch()
        #expect(step(2700) == .useAndFetch)
        token.reject(at: Self.start + .seconds(2701))
        #expect(step(2701) == .wait)
        token.fetched(Secret("two"), lifetime: .seconds(3600))
        #expect(step(2702) == .use)
    }

    @Test mutating func `a clock that is set back does not lock the next one out`() {
        fetch()
        token.reject(at: Self.start + .seconds(100))
        fetch("two", at: 100)
        token.reject(at: Self.start - .seconds(1000))
        #expect(step(-1000) == .fetch)
    }

    @Test mutating func `what comes unasked is ignored`() {
        token.fetched(Secret("one"), lifetime: .seconds(3600))
        token.failed()
        token.reject(at: Self.start)
        #expect(token.current == nil)
        #expect(step(0) == .fetch)
    }
}
