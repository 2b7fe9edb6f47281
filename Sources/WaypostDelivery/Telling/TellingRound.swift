import WaypostCore
import WaypostStore

/// A number of events told side by side, and what became of each; the events of one message strictly one after another.
///
/// It is bounded by whoever fills it, and written down as a whole when it is over.
struct TellingRound: Sendable {
    private enum State: Equatable {
        case waiting, underWay, told, failed(restUntil: Timestamp?)
        /// It was not tried: an earlier event of its message failed or waits.
        case behind
    }

    private struct Item {
        var event: EventToTell
        var state: State
    }

    private var items: [Item]
    /// How far the cursor moves with it.
    private let upTo: Int64
    /// Rows whose event is gone.
    private let vanished: [Int64]
    /// Messages with a try under way.
    private var busy: Set<Int64> = []
    private(set) var underWay = 0
    /// Everything before has left `waiting`.
    private var first = 0
    private(set) var isHalted = false
    /// So long the endpoint wants to be left alone.
    private(set) var restUntil: Timestamp?

    /// `events`: those that are told again before new ones, each in order.
    init(_ events: [EventToTell], vanished: [Int64] = [], upTo: Int64) {
        items = events.map { Item(event: $0, state: $0.isBlocked ? .behind : .waiting) }
        self.vanished = vanished
        self.upTo = upTo
    }

    /// Nothing is to be written.
    var isEmpty: Bool { items.isEmpty && vanished.isEmpty }

    /// Nothing is under way, and nothing will be.
    var isOver: Bool { underWay == 0 && (isHalted || !items[first...].contains { $0.state == .waiting }) }

    func event(_ place: Int) -> EventToTell { items[place].event }

    /// The next that may be told, which is then under way; nil: none may just now.
    mutating func next() -> Int? {
        guard !isHalted else { return nil }
        while first < items.count, items[first].state != .waiting { first += 1 }
        for place in items.indices[first...] where items[place].state == .waiting {
            let message = items[place].event.message
            if message != 0, !busy.insert(message).inserted { continue }
            items[place].state = .underWay
            underWay += 1
            return place
        }
        return nil
    }

    mutating func end(_ place: Int, _ result: TellingResult) {
        guard items.indices.contains(place), items[place].state == .underWay else { return }
        underWay -= 1
        let message = items[place].event.message
        busy.remove(message)
        switch result {
        case .told: items[place].state = .told
        case .failed(_, let restUntil):
            items[place].state = .failed(restUntil: restUntil)
            hold(message)
            if let restUntil {
                self.restUntil = max(self.restUntil ?? restUntil, restUntil)
                halt()
            }
        case .gone:
            items[place].state = .failed(restUntil: nil)
            halt()
        }
    }

    /// Begins nothing more. What is under way may end.
    mutating func halt() { isHalted = true }

    private mutating func hold(_ message: Int64) {
        guard message != 0 else { return }
        for place in items.indices
        where items[place].event.message == message && items[place].state == .waiting {
            items[place].state = .behind
        }
    }

    /// How an event came to its end without being told.
    struct Settlement {
        var told: ToldRound
        /// Events that have used up their tries.
        var givenUp: [EventToTell] = []
        /// How the number of rows in `retell` changes.
        var waiting = 0
    }

    /// What is written of it. `failingSince`: of the endpoint after this round; `gone`: it said so.
    ///
    /// Where an event has used up its tries and nothing was taken for so long, the endpoint is disabled and the event kept
    /// for the day on which it is enabled again.
    func settlement(
        of endpoint: String, failingSince: Timestamp?, gone: Bool, at now: Timestamp,
        random: inout some RandomNumberGenerator
    ) -> Settlement {
        var settlement = Settlement(told: ToldRound(endpoint: endpoint, cursor: upTo))
        settlement.told.failingSince = failingSince
        if gone { settlement.told.disabling = "it answered 410" }
        settlement.told.done = vanished
        settlement.waiting = -vanished.count
        let hasFailedLong = failingSince.map { now - $0 >= TellingSchedule.longFailure } ?? false
        var held: Set<Int64> = []
        for item in items {
            let event = item.event
            var tries = event.tries
            var dueAt: Timestamp?
            switch item.state {
            case .told:
                drop(event, &settlement)
                continue
            case .failed(let restUntil):
                tries += 1
                if let delay = TellingSchedule.delay(afterTries: tries, random: &random) {
                    dueAt = max(now + delay, restUntil ?? now)
                } else if hasFailedLong || gone {
                    dueAt = now
                    if !gone { settlement.told.disabling = "it has taken nothing since \(failingSince ?? now)" }
                } else {
                    settlement.givenUp.append(event)
                    drop(event, &settlement)
                    continue
                }
            case .behind: break
            case .waiting, .underWay:  // halted: it counts as not tried
                dueAt = held.contains(event.message) ? nil : max(now, restUntil ?? now)
            }
            if event.message != 0 { held.insert(event.message) }
            settlement.told.kept.append(
                .init(event: event.event.seq, message: event.message, tries: tries, dueAt: dueAt))
            if !event.isRetold { settlement.waiting += 1 }
        }
        return settlement
    }

    private func drop(_ event: EventToTell, _ settlement: inout Settlement) {
        guard event.isRetold else { return }
        settlement.told.done.append(event.event.seq)
        settlement.waiting -= 1
    }
}
