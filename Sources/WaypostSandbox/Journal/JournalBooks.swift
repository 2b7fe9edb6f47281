/// The journal's contents, without lock or clock.
struct JournalBooks: Sendable {
    /// Connections of one provider that are told apart; further ones are not counted.
    private static let maximumConnections = 100_000

    let capacity: Int
    /// The last sequence number before the books were opened; numbers go on when they are cleared.
    private let cleared: Int
    private(set) var last: Int
    private(set) var summary = Journal.Summary()
    private var requests = 0
    /// The numbers of the connections that requests came on, by provider; each bounded, so that no client can fill it.
    private var connections: [StandIn: Set<Int>] = [:]
    private var entries: [JournalEntry] = []
    private var messages: SeenKeys
    private var pairs: SeenKeys

    /// `seen` is an empty table that both sets of keys start from.
    init(capacity: Int, after last: Int = 0, seen: SeenKeys = SeenKeys()) {
        self.capacity = capacity
        self.last = last
        cleared = last
        messages = seen
        pairs = seen
    }

    /// A record with its keys in the tables, made before anybody waits for the books.
    struct Keyed: Sendable {
        fileprivate let record: Journal.Record
        /// For each take: the message's key, then one for each recipient; empty where there is no message id.
        fileprivate let keys: [[Int]]

        init(_ record: Journal.Record) {
            self.record = record
            keys = record.takes.map { take in
                guard record.isTaken, let message = take.message else { return [] }
                return [JournalBooks.key(message, nil)] + take.recipients.map { JournalBooks.key(message, $0) }
            }
        }
    }

    mutating func enter(_ keyed: Keyed, wall: Int64, monotonic: Int64) -> Journal.Receipt {
        let record = keyed.record
        requests += 1
        summary.providers[record.provider, default: .init()].requests += 1
        note(record.place, of: record.provider)
        let first = last + 1
        let takes = record.takes.isEmpty ? [Take(recipients: [])] : record.takes
        if record.answer != nil { summary.providers[record.provider, default: .init()].answered += 1 }
        for (index, take) in takes.enumerated() {
            append(
                JournalEntry(
                    request: requests, provider: record.provider, operation: record.operation, wallMilliseconds: wall,
                    monotonicMilliseconds: monotonic, message: take.message, attempt: take.attempt,
                    recipients: take.recipients.count, isTaken: record.isTaken, answer: record.answer,
                    connection: record.place.connection, stream: record.place.stream,
                    fault: record.fault, reference: record.reference))
            if record.isTaken {
                count(take, keys: index < keyed.keys.count ? keyed.keys[index] : [], by: record.provider)
            }
        }
        return Journal.Receipt(first: first, count: takes.count, provider: record.provider)
    }

    private mutating func note(_ place: Journal.Place, of provider: StandIn) {
        if connections[provider, default: []].count < Self.maximumConnections {
            connections[provider, default: []].insert(place.connection)
        }
        summary.providers[provider, default: .init()].connections = connections[provider]?.count ?? 0
        let most = summary.providers[provider]?.maximumStreams ?? 0
        if place.openStreams > most { summary.providers[provider]?.maximumStreams = place.openStreams }
    }

    mutating func refuseStream(at provider: StandIn, isViolation: Bool) {
        summary.providers[provider, default: .init()].refusedStreams += 1
        if isViolation { summary.providers[provider, default: .init()].streamViolations += 1 }
    }

    /// O(1): into a ring whose oldest entry gives way once it is full.
    private mutating func append(_ entry: JournalEntry) {
        var entry = entry
        last += 1
        entry.sequence = last
        if entries.count < capacity { entries.append(entry) } else { entries[index(of: last)] = entry }
    }

    /// The ring's first slot belongs to the first number since the last clear.
    private func index(of sequence: Int) -> Int { (sequence - 1 - cleared) % capacity }

    private mutating func count(_ take: Take, keys: [Int], by provider: StandIn) {
        summary.providers[provider, default: .init()].taken += 1
        guard let message = take.message, let key = keys.first else {
            summary.unnamed += 1
            return
        }
        var isUnchecked = false
        switch messages.insert(key) {
        case .new: summary.distinctMessages += 1
        case .seen: break
        case .full: isUnchecked = true
        }
        var isRepeated = false
        for key in keys.dropFirst() {
            switch pairs.insert(key) {
            case .new: break
            case .seen: isRepeated = true
            case .full: isUnchecked = true
            }
        }
        if isUnchecked { summary.unchecked += 1 }
        guard isRepeated else { return }
        summary.duplicates += 1
        if summary.duplicateIDs.count < 100, !summary.duplicateIDs.contains(message) {
            summary.duplicateIDs.append(message)
        }
    }

    /// Whether a message of that id was taken since the books were opened; the table knows longer than the entries.
    func hasTaken(_ message: String) -> Bool { messages.contains(Self.key(message, nil)) }

    /// How often each message was taken, as far back as the entries go.
    func takes(of provider: StandIn?) -> [String: Int] {
        var takes: [String: Int] = [:]
        for entry in entries where entry.isTaken && (provider == nil || entry.provider == provider) {
            if let message = entry.message { takes[message, default: 0] += 1 }
        }
        return takes
    }

    fileprivate static func key(_ message: String, _ recipient: String?) -> Int {
        var hasher = Hasher()
        hasher.combine(message)
        if let recipient { hasher.combine(recipient.lowercased()) }
        return hasher.finalize()
    }

    mutating func answer(_ status: Int?, to receipt: Journal.Receipt) {
        guard receipt.first > cleared else { return }  // forgotten meanwhile
        summary.providers[receipt.provider, default: .init()].answered += status == nil ? -1 : 1
        for sequence in receipt.first..<(receipt.first + receipt.count) where sequence > last - entries.count {
            entries[index(of: sequence)].answer = status
        }
    }

    func entries(of provider: StandIn?, after: Int, limit: Int) -> [JournalEntry] {
        var found: [JournalEntry] = []
        var sequence = max(after, last - entries.count) + 1
        while sequence <= last, found.count < limit {
            let entry = entries[index(of: sequence)]
            if provider == nil || entry.provider == provider { found.append(entry) }
            sequence += 1
        }
        return found
    }
}
