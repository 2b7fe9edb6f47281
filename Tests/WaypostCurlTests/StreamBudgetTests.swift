import Testing

@testable import WaypostCurl

@Suite struct StreamBudgetTests {
    private var budget = StreamBudget(maxConnections: 3, maxStreams: 1000)

    /// So many are under way once as many have begun as may, of those wanted, and none has ended.
    private mutating func expect(
        _ expected: Int, underWay: Int, wanted: Int, at location: SourceLocation = #_sourceLocation
    ) {
        var count = underWay
        while count < wanted, budget.admits(underWay: count) { count += 1 }
        #expect(count == expected, sourceLocation: location)
    }

    @Test mutating func `a fresh connection gets one stream until its peer has spoken`() {
        expect(1, underWay: 0, wanted: 500)
        budget.note(limit: 1, on: 0)
        expect(1, underWay: 0, wanted: 500)
        budget.note(limit: 1000, on: 0)
        expect(500, underWay: 1, wanted: 500)
        #expect(budget.connections == 1)
    }

    @Test mutating func `another connection begins when the streams run out, with one stream of its own`() {
        budget.note(limit: 100, on: 0)
        expect(101, underWay: 0, wanted: 500)
        #expect(budget.connections == 2)
        budget.note(limit: 100, on: 1)
        expect(201, underWay: 101, wanted: 500)
        budget.note(limit: 100, on: 2)
        expect(300, underWay: 201, wanted: 500)
        #expect(budget.connections == 3)
    }

    @Test mutating func `a peer that allows one stream is not asked for more connections`() {
        budget.note(limit: 1, on: 0)
        expect(1, underWay: 1, wanted: 500)
        #expect(budget.connections == 1)
    }

    @Test mutating func `where no limit is heard of the usual one holds from the first answer on`() {
        budget.noteAnswer(on: 0)
        expect(StreamBudget.usual, underWay: 0, wanted: 100)
    }

    @Test mutating func `a connection that is gone takes nothing`() {
        budget.note(limit: 1000, on: 0)
        budget.forget(0)
        expect(1, underWay: 0, wanted: 500)
    }

    @Test mutating func `what ends on a connection that takes no more does not hold up the others`() {
        budget.note(limit: 1000, on: 0)
        budget.retire(0, underWay: 300)
        #expect(budget.connections == 2)
        expect(301, underWay: 300, wanted: 500)
        budget.note(limit: 100, on: 1)
        expect(401, underWay: 301, wanted: 500)
        for _ in 0..<300 { budget.noteEnd(on: 0) }
        expect(100, underWay: 100, wanted: 100)
    }

    @Test mutating func `after a nap one stream finds out whether the connection is still there`() {
        budget.note(limit: 500, on: 0)
        budget.doze()
        expect(1, underWay: 0, wanted: 500)
        budget.noteAnswer(on: 0)
        expect(500, underWay: 1, wanted: 500)
        budget.doze()
        budget.noteAnswer(on: 1)
        expect(StreamBudget.usual, underWay: 0, wanted: 100)
    }

    @Test mutating func `our own cap holds below the peer's`() {
        budget = StreamBudget(maxConnections: 1, maxStreams: 10)
        budget.note(limit: 1000, on: 0)
        expect(10, underWay: 0, wanted: 500)
    }
}
