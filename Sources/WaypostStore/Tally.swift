import WaypostCore

/// One line of the books of delivery rates: what became of what was sent in one minute.
struct TallyCounts: Equatable {
    var sent = 0
    var delivered = 0
    var undelivered = 0
    var opened = 0
    var clicked = 0

    mutating func add(_ other: TallyCounts) {
        sent += other.sent
        delivered += other.delivered
        undelivered += other.undelivered
        opened += other.opened
        clicked += other.clicked
    }
}

/// A minute of Unix time, a channel, and a provider of it; `""`: the channel as a whole, in which a delivery that went back
/// into the route counts no more.
struct TallyKey: Hashable {
    var minute: Int64
    var channel: Channel
    var provider: String
}

extension WriteSession {
    /// How long lines are kept: longer than any usual window.
    package static let tallyLifetime: Duration = .seconds(35 * 86_400)

    /// Counts for a channel and for one provider of it, in the minute of `time`. Written with the books at the end of the
    /// transaction: a batch of a thousand is a few lines.
    func tally(_ channel: Channel, _ provider: String, at time: Timestamp, _ change: (inout TallyCounts) -> Void) {
        for provider in ["", provider] { tallyOne(channel, provider, at: time, change) }
    }

    /// Counts in one of the two alone.
    func tallyOne(_ channel: Channel, _ provider: String, at time: Timestamp, _ change: (inout TallyCounts) -> Void) {
        let key = TallyKey(minute: time.milliseconds / 60_000, channel: channel, provider: provider)
        change(&tallies[key, default: TallyCounts()])
    }

    /// A provider has taken a delivery. Where it never tells what became of it, that is all that will be known: it counts as
    /// delivered for the channel, and the provider has no rate of its own.
    func tallySent(_ channel: Channel, _ provider: ProviderName, under rules: ReceiptRules) {
        if rules.reporting.contains(provider) {
            tally(channel, provider.text, at: now) { $0.sent += 1 }
        } else {
            tallyOne(channel, "", at: now) {
                $0.sent += 1
                $0.delivered += 1
            }
        }
    }

    /// Writes what was counted in this transaction.
    func saveTallies() throws {
        guard !tallies.isEmpty else { return }
        var hours: [TallyKey: TallyCounts] = [:]
        for (key, counts) in tallies {
            try add(counts, key.minute, key, to: receiptStatements.addTally)
            var hour = key
            hour.minute = key.minute / 60 * 60
            hours[hour, default: TallyCounts()].add(counts)
        }
        for (key, counts) in hours { try add(counts, key.minute / 60, key, to: receiptStatements.addHour) }
        tallies.removeAll(keepingCapacity: true)
    }

    private func add(_ counts: TallyCounts, _ place: Int64, _ key: TallyKey, to statement: HotStatement) throws {
        try statement.run {
            $0.add(place)
            $0.add(key.channel.column)
            $0.add(key.provider)
            $0.add(counts.sent)
            $0.add(counts.delivered)
            $0.add(counts.undelivered)
            $0.add(counts.opened)
            $0.add(counts.clicked)
        }
    }

    /// Forgets lines that are older than any window asks for, the oldest first. Returns how many went.
    package func forgetTallies(olderThan age: Duration = tallyLifetime, atMost count: Int) throws -> Int {
        let limit = (now - max(age, Self.tallyLifetime)).milliseconds / 60_000
        try db.cachedStatement(
            sql: """
                DELETE FROM tally WHERE (minute, channel, provider) IN
                    (SELECT minute, channel, provider FROM tally WHERE minute < ? ORDER BY minute LIMIT ?)
                """
        ).execute(arguments: [limit, count])
        let minutes = db.changesCount
        try db.cachedStatement(
            sql: """
                DELETE FROM tally_hour WHERE (hour, channel, provider) IN
                    (SELECT hour, channel, provider FROM tally_hour WHERE hour < ? ORDER BY hour LIMIT ?)
                """
        ).execute(arguments: [limit / 60, count])
        return minutes + db.changesCount
    }
}
