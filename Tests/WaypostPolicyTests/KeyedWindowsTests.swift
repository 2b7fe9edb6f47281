import Testing
import WaypostCore
import WaypostPolicy
import WaypostTesting

@Suite struct KeyedWindowsTests {
    let start = ContinuousClock.now
    var windows = KeyedWindows<String>(WindowSettings(limit: 2, window: .seconds(60)), capacity: 3)

    @Test mutating func `a new key is refused while every place still counts, and told when one may come free`() {
        for (offset, key) in ["a", "b", "c"].enumerated() {
            #expect(windows.take(key, at: start + .seconds(offset)) == .taken)
        }
        let now = start + .seconds(10)
        #expect(windows.take("d", at: now) == .refused(until: start + .seconds(60)))
        #expect(windows.check("d", at: now) == .refused(until: start + .seconds(60)))
        #expect(windows.trackedKeys == 3)
    }

    @Test mutating func `nobody who still counts is forgotten for a newcomer`() {
        for key in ["a", "b", "c"] { _ = windows.take(key, cost: 2, at: start) }
        _ = windows.take("d", at: start + .seconds(59))
        #expect(windows.take("a", at: start + .seconds(59)) == .refused(until: start + .seconds(60)))
        #expect(windows.remaining("b", at: start + .seconds(59)) == 0)
    }

    @Test mutating func `a key that is held already is served although all places are in use`() {
        for key in ["a", "b", "c"] { _ = windows.take(key, at: start) }
        #expect(windows.take("b", at: start) == .taken)
        #expect(windows.take("b", at: start) == .refused(until: start + .seconds(60)))
    }

    @Test mutating func `an idle place goes to the next key that asks`() {
        for (offset, key) in ["a", "b", "c"].enumerated() { _ = windows.take(key, at: start + .seconds(offset)) }
        #expect(windows.check("d", at: start + .seconds(60)) == .taken)
        #expect(windows.take("d", at: start + .seconds(60)) == .taken)
        #expect(windows.trackedKeys == 3)
        #expect(windows.remaining("a", at: start + .seconds(60)) == 2)
    }

    @Test mutating func `the place told of is that of the key longest without a take, whichever came first`() {
        for (offset, key) in ["a", "b", "c"].enumerated() { _ = windows.take(key, at: start + .seconds(offset)) }
        _ = windows.take("a", at: start + .seconds(30))
        #expect(windows.take("d", at: start + .seconds(31)) == .refused(until: start + .seconds(61)))
    }

    @Test mutating func `what is refused, peeks or is given back takes no place`() {
        #expect(windows.take("a", cost: 3, at: start) == .refused(until: nil))
        #expect(windows.take("a", cost: 0, at: start) == .taken)
        #expect(windows.trackedKeys == 0)
        _ = windows.take("a", at: start)
        windows.giveBack("a", at: start)
        #expect(windows.trackedKeys == 0)
        windows.giveBack("unknown", at: start)
        #expect(windows.remaining("unknown", at: start) == 2)
    }

    @Test mutating func `clearing one key leaves the others`() {
        for key in ["a", "b"] { _ = windows.take(key, cost: 2, at: start) }
        windows.clear("a")
        #expect(windows.remaining("a", at: start) == 2)
        #expect(windows.remaining("b", at: start) == 0)
        windows.clear()
        #expect(windows.trackedKeys == 0)
    }

    @Test(arguments: [1, 2, 3]) func `any order of takes keeps the limit and the bound`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var windows = KeyedWindows<Int>(WindowSettings(limit: 3, window: .milliseconds(50)), capacity: 8)
        var log: [(key: Int, at: Int)] = []
        for at in 0..<5_000 {
            let key = Int.random(in: 0..<12, using: &random)
            let now = start + .milliseconds(at)
            let counted = log.filter { at - $0.at < 50 }
            let own = counted.count { $0.key == key }
            let isKnown = own > 0
            let others = Set(counted.map(\.key)).count
            let expected = own < 3 && (isKnown || others < 8)
            #expect((windows.take(key, at: now) == .taken) == expected)
            if expected { log = counted + [(key, at)] }
            #expect(windows.trackedKeys <= 8)
        }
    }
}
