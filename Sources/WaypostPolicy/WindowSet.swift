import WaypostCore

/// Several windows over the same traffic, all of which must agree; a refusal by one charges none.
package struct WindowSet: Sendable {
    /// A window and what it is called in headers, answers and metrics.
    package struct Policy: Equatable, Sendable {
        package let name: String
        package let settings: WindowSettings
        package init(name: String, _ settings: WindowSettings) {
            self.name = name
            self.settings = settings
        }
    }

    package enum Take: Equatable, Sendable {
        case taken
        /// The names of the policies that refused, in the order configured, and the longest of their waits; nil: one
        /// of them would never agree.
        case refused(until: Instant?, violated: [String])
    }

    private var windows: [(name: String, window: SlidingWindow)]

    package init(_ policies: [Policy]) {
        windows = policies.map { ($0.name, SlidingWindow($0.settings)) }
    }

    /// Checks all and charges all in one step.
    package mutating func take(_ cost: Int = 1, at now: Instant) -> Take {
        let answer = check(cost, at: now)
        if answer == .taken {
            for index in windows.indices { _ = windows[index].window.take(cost, at: now) }
        }
        return answer
    }

    /// What `take` would answer, charging nothing.
    package func check(_ cost: Int = 1, at now: Instant) -> Take {
        var violated: [String] = []
        var until: Instant? = now
        for (name, window) in windows {
            guard case .refused(let moment) = window.check(cost, at: now) else { continue }
            violated.append(name)
            until = until.flatMap { longest in moment.map { max(longest, $0) } }
        }
        return violated.isEmpty ? .taken : .refused(until: until, violated: violated)
    }

    /// Undoes the newest take that was made no later than `moment`, in every window.
    package mutating func giveBack(_ cost: Int = 1, at moment: Instant) {
        for index in windows.indices { windows[index].window.giveBack(cost, at: moment) }
    }

    /// Forgets every take.
    package mutating func clear() {
        for index in windows.indices { windows[index].window.clear() }
    }

    /// Where each window stands, in the order configured.
    package func standings(at now: Instant) -> [WindowStanding] {
        windows.map { name, window in
            WindowStanding(
                name: name, settings: window.settings, remaining: window.remaining(at: now),
                nextFree: window.nextFree(at: now))
        }
    }
}

/// Where a named window stands at one moment.
package struct WindowStanding: Equatable, Sendable {
    package let name: String
    package let settings: WindowSettings
    /// Slots that are free.
    package let remaining: Int
    /// How long until any further slot is free; zero when all are.
    package let nextFree: Duration

    package init(name: String, settings: WindowSettings, remaining: Int, nextFree: Duration) {
        self.name = name
        self.settings = settings
        self.remaining = remaining
        self.nextFree = nextFree
    }
}
