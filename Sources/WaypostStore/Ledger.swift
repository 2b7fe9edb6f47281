import WaypostCore

/// How many deliveries are in which state, by channel: the running books.
package struct Ledger: Equatable, Sendable {
    package struct Entry: Equatable, Sendable {
        package var live: Int = 0
        package var retired: Int = 0
    }

    /// Per channel: everything that was ever answered for.
    package private(set) var accepted: [Channel: Int] = [:]
    private var entries: [Channel: [Entry]] = [:]

    package init() {}

    package subscript(channel: Channel, state: DeliveryState) -> Entry {
        get { entries[channel]?[state.rawValue] ?? Entry() }
        set {
            entries[channel, default: Array(repeating: Entry(), count: DeliveryState.allCases.count)][state.rawValue] =
                newValue
        }
    }

    package mutating func accept(_ count: Int, on channel: Channel) { accepted[channel, default: 0] += count }

    /// Deliveries in a state, over all channels, retired ones left out.
    package func live(_ state: DeliveryState) -> Int { entries.values.reduce(0) { $0 + $1[state.rawValue].live } }

    /// What is still ours to move on.
    package var open: Int { live(.scheduled) + live(.queued) + live(.sending) }

    /// How far the running counters are from a recount of the rows, in deliveries; 0 when the books balance. Counted twice
    /// over: state by state, and accepted against the sum over all states, retired ones included.
    package func imbalance(against recount: Ledger) -> Int {
        var difference = 0
        for channel in Channel.allCases {
            var total = 0
            for state in DeliveryState.allCases {
                let counted = recount[channel, state].live
                difference += abs(self[channel, state].live - counted)
                total += counted + self[channel, state].retired
            }
            difference += abs((accepted[channel] ?? 0) - total)
        }
        return difference
    }
}
