import Testing

@testable import WaypostCurl

@Suite struct StreamBudgetTests {
    private var budget = StreamBudget(maxConnections: 3, maxStreams: 1000)

    /// So many are under way once as many have begun as may, of those wanted, and none has ended.
    private func expect(
        _ expected: Int, underWay: Int, wanted: Int, at location: SourceLocation = #_sourceLocation
    ) {
        var count = underWay
        while count < wanted, budget.admits(underWay: count) { count += 1 }
        #expect(count == expected, sourceLocation: location)
    }

    @Test mutating func `the first goes alone, and its answer lets the others follow`() {
        expect(1, underWay: 0, wanted: 500)
        expect(1, underWay: 1, wanted: 500)
        budget.noteAnswer(on: 0)
        expect(500, underWay: 0, wanted: 500)
        #expect(budget.connections == 1)
    }

    @Test mutating func `our own cap holds whatever the peer allows`() {
        budget = StreamBudget(maxConnections: 1, maxStreams: 10)
        budget.noteAnswer(on: 0)
        expect(10, underWay: 0, wanted: 500)
    }

    @Test mutating func `another connection is begun when the streams run out, one at a time`() {
        budget.noteAnswer(on: 0)
        for streams in [100, 100] { budget.noteShortage(streams: streams) }
        #expect(budget.connections == 2, "the second is not there yet")
        budget.noteAnswer(on: 1)
        budget.noteShortage(streams: 200)
        budget.noteAnswer(on: 2)
        budget.noteShortage(streams: 300)
        #expect(budget.connections == 3, "there are three at most")
    }

    @Test mutating func `a peer that allows one stream is not asked for more connections`() {
        budget.noteAnswer(on: 0)
        budget.noteShortage(streams: 1)
        #expect(budget.connections == 1)
    }

    @Test mutating func `what ends on a connection that takes no more does not hold up the others`() {
        budget.noteAnswer(on: 0)
        budget.retire(0, underWay: 300)
        #expect(budget.connections == 2)
        expect(301, underWay: 300, wanted: 500)
        budget.noteAnswer(on: 1)
        expect(500, underWay: 301, wanted: 500)
    }

    @Test mutating func `a late answer from a connection that takes no more says nothing of others`() {
        budget.noteAnswer(on: 0)
        budget.retire(0, underWay: 2)
        budget.noteAnswer(on: 0)
        budget.noteEnd(on: 0)
        expect(2, underWay: 1, wanted: 500)
    }

    @Test mutating func `after a nap, and after a close, one finds out whether anybody is there`() {
        budget.noteAnswer(on: 0)
        budget.doze()
        expect(1, underWay: 0, wanted: 500)
        budget.noteAnswer(on: 0)
        budget.forget(0)
        expect(1, underWay: 0, wanted: 500)
    }
}
