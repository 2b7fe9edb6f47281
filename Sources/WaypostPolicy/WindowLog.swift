import Collections
import WaypostCore

/// What a window allows, worked out once for all the logs that follow it.
struct WindowRule: Sendable {
    let limit: Int
    let window: Duration
    /// How long the slots of a run are held, from its first take.
    let hold: Duration

    init(_ settings: WindowSettings) {
        limit = settings.limit
        window = settings.window
        // Runs of 1/128 of the window: at most 130 of them, given back at most 0.8 % late and never early.
        hold = settings.limit <= 1000 ? settings.window : settings.window + settings.window / 128
    }
}

/// The takes that one window still counts, in runs that are given back together.
///
/// Small, because there is one for each key: a log of one run allocates nothing.
struct WindowLog: Sendable {
    private struct Run {
        /// From this moment on the run counts no more.
        let releaseAt: Instant
        /// Above zero.
        var cost: Int
    }

    private var older: Deque<Run> = []
    private var newest: Run?
    /// The cost of all runs, those included that are over but not dropped yet.
    private var charged = 0

    mutating func take(_ cost: Int, _ rule: WindowRule, at now: Instant) -> SlidingWindow.Take {
        guard cost > 0 else { return .taken }
        expire(at: now)
        guard cost <= rule.limit - charged else { return check(cost, rule, at: now) }
        charged += cost
        // A take joins the newest run while that one is given back no sooner than the take itself must be.
        if let run = newest, now + rule.window <= run.releaseAt {
            newest?.cost += cost
        } else {
            if let run = newest { older.append(run) }
            newest = Run(releaseAt: now + rule.hold, cost: cost)
        }
        return .taken
    }

    func check(_ cost: Int, _ rule: WindowRule, at now: Instant) -> SlidingWindow.Take {
        guard cost > 0 else { return .taken }
        guard cost <= rule.limit else { return .refused(until: nil) }
        var used = charged
        var passesAt = now
        visitOldestFirst { run in
            guard run.releaseAt <= now || used > rule.limit - cost else { return false }
            used -= run.cost
            passesAt = max(now, run.releaseAt)
            return true
        }
        return passesAt == now ? .taken : .refused(until: passesAt)
    }

    /// Takes from the newest run that had begun by `moment`; where none had, from the oldest: what stays is then later
    /// than the truth, never earlier, so the limit holds.
    mutating func giveBack(_ cost: Int, _ rule: WindowRule, at moment: Instant) {
        if let newest { older.append(newest) }
        var left = min(cost, charged)
        charged -= max(0, left)
        while left > 0 {
            let place = older.lastIndex { $0.releaseAt <= moment + rule.hold } ?? older.startIndex
            let given = min(left, older[place].cost)
            older[place].cost -= given
            left -= given
            if older[place].cost == 0 { older.remove(at: place) }
        }
        newest = older.popLast()
        if older.isEmpty { older = [] }
    }

    /// Slots in use now.
    func used(at now: Instant) -> Int {
        var used = charged
        visitOldestFirst { run in
            guard run.releaseAt <= now else { return false }
            used -= run.cost
            return true
        }
        return used
    }

    /// When the oldest run that still counts is given back; nil where none counts.
    func nextRelease(at now: Instant) -> Instant? {
        var next: Instant?
        visitOldestFirst { run in
            if run.releaseAt > now { next = run.releaseAt }
            return next == nil
        }
        return next
    }

    /// When the last run is given back; nil where there is none.
    var idleAt: Instant? { newest?.releaseAt }

    /// Visits the runs until one is answered with false.
    private func visitOldestFirst(_ visit: (Run) -> Bool) {
        for run in older where !visit(run) { return }
        if let newest { _ = visit(newest) }
    }

    private mutating func expire(at now: Instant) {
        while let run = older.first ?? newest, run.releaseAt <= now {
            charged -= run.cost
            if older.popFirst() == nil { newest = nil }
        }
    }
}
