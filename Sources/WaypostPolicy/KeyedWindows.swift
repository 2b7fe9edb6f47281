import WaypostCore

/// One sliding window per key: per recipient, per client.
///
/// Keys are compared whole. A key with nothing left in its window is dropped, a few with each take, so that no take is
/// ever slow. When all places are in use by keys that still count, a new key is refused: a limit that forgets is none.
package struct KeyedWindows<Key: Hashable & Sendable>: Sendable {
    /// A key and its log, in a list ordered by their last takes; the ends of the list are -1.
    private struct Slot {
        var key: Key?
        var log = WindowLog()
        var previous: Int32 = -1
        var next: Int32 = -1
    }

    package let settings: WindowSettings
    /// How many keys are held at most.
    package let capacity: Int
    private let rule: WindowRule
    private var places: [Key: Int32] = [:]
    private var slots: [Slot] = []
    private var oldest: Int32 = -1
    private var newest: Int32 = -1
    /// The first of the unused slots, which are chained by `next`.
    private var unused: Int32 = -1

    package init(_ settings: WindowSettings, capacity: Int) {
        self.settings = settings
        self.capacity = min(max(1, capacity), Int(Int32.max))
        rule = WindowRule(settings)
    }

    /// Checks and charges in one step. A cost of 0 peeks and always passes. When every place is in use the refusal
    /// says when the first may come free.
    package mutating func take(_ key: Key, cost: Int = 1, at now: Instant) -> SlidingWindow.Take {
        forgetIdle(at: now, atMost: 2)
        if let place = places[key] {
            let take = slots[Int(place)].log.take(cost, rule, at: now)
            if take == .taken, cost > 0, place != newest {
                unlink(place)
                linkAsNewest(place)
            }
            return take
        }
        var log = WindowLog()
        let take = log.take(cost, rule, at: now)
        guard take == .taken, cost > 0 else { return take }
        guard places.count < capacity else { return .refused(until: slots[Int(oldest)].log.idleAt) }
        let place = add(Slot(key: key, log: log))
        places[key] = place
        linkAsNewest(place)
        return .taken
    }

    /// What `take` would answer, charging nothing.
    package func check(_ key: Key, cost: Int = 1, at now: Instant) -> SlidingWindow.Take {
        guard let place = places[key] else {
            let take = WindowLog().check(cost, rule, at: now)
            guard take == .taken, cost > 0, places.count >= capacity,
                let freeAt = slots[Int(oldest)].log.idleAt, freeAt > now
            else { return take }
            return .refused(until: freeAt)
        }
        return slots[Int(place)].log.check(cost, rule, at: now)
    }

    /// Undoes the key's newest take that was made no later than `moment`.
    package mutating func giveBack(_ key: Key, cost: Int = 1, at moment: Instant) {
        guard let place = places[key] else { return }
        slots[Int(place)].log.giveBack(cost, rule, at: moment)
        if slots[Int(place)].log.idleAt == nil { forget(place) }
    }

    /// Slots that are free for the key now.
    package func remaining(_ key: Key, at now: Instant) -> Int {
        max(0, settings.limit - (places[key].map { slots[Int($0)].log.used(at: now) } ?? 0))
    }

    /// How long until any further slot of the key is free; zero when all are.
    package func nextFree(_ key: Key, at now: Instant) -> Duration {
        places[key].flatMap { slots[Int($0)].log.nextRelease(at: now) }.map { $0 - now } ?? .zero
    }

    /// Keys in memory. Idle ones among them go with the next takes, or with `forgetIdle`.
    package var trackedKeys: Int { places.count }

    /// Drops the keys with nothing left in their windows, at most so many.
    package mutating func forgetIdle(at now: Instant, atMost most: Int = .max) {
        var left = most
        while left > 0, oldest >= 0, let idleAt = slots[Int(oldest)].log.idleAt, idleAt <= now {
            forget(oldest)
            left -= 1
        }
    }

    /// Forgets every take of one key.
    package mutating func clear(_ key: Key) {
        if let place = places[key] { forget(place) }
    }

    /// Forgets every take of every key.
    package mutating func clear() {
        self = KeyedWindows(settings, capacity: capacity)
    }
}

extension KeyedWindows {
    private mutating func add(_ slot: Slot) -> Int32 {
        guard unused >= 0 else {
            slots.append(slot)
            return Int32(slots.count - 1)
        }
        let place = unused
        unused = slots[Int(place)].next
        slots[Int(place)] = slot
        return place
    }

    private mutating func forget(_ place: Int32) {
        unlink(place)
        if let key = slots[Int(place)].key { places.removeValue(forKey: key) }
        guard !places.isEmpty else { return clear() }
        slots[Int(place)] = Slot(next: unused)
        unused = place
    }

    private mutating func linkAsNewest(_ place: Int32) {
        slots[Int(place)].previous = newest
        slots[Int(place)].next = -1
        if newest >= 0 { slots[Int(newest)].next = place } else { oldest = place }
        newest = place
    }

    private mutating func unlink(_ place: Int32) {
        let (previous, next) = (slots[Int(place)].previous, slots[Int(place)].next)
        if previous >= 0 { slots[Int(previous)].next = next } else { oldest = next }
        if next >= 0 { slots[Int(next)].previous = previous } else { newest = previous }
    }
}
