import GRDB
import WaypostCore

/// What became of what was sent within a stretch of time that ends now, on one channel or at one provider of it.
package struct DeliveryRate: Equatable, Sendable {
    package var channel: Channel
    /// nil: the channel as a whole, in which what went on to another provider counts once.
    package var provider: ProviderName?
    /// The window's label.
    package var window: String
    /// By providers that report what became of it.
    package var sent: Int
    package var delivered: Int
    package var undelivered: Int
    package var opened: Int
    package var clicked: Int

    package init(
        channel: Channel, provider: ProviderName?, window: String, sent: Int, delivered: Int, undelivered: Int,
        opened: Int, clicked: Int
    ) {
        self.channel = channel
        self.provider = provider
        self.window = window
        self.sent = sent
        self.delivered = delivered
        self.undelivered = undelivered
        self.opened = opened
        self.clicked = clicked
    }

    /// From 0 to 1; nil when nothing was sent.
    package var ratio: Double? { sent > 0 ? min(1, Double(delivered) / Double(sent)) : nil }
}

extension MessageReader {
    /// The rates of each window, from the store: a restart does not reset them. Windows are whole minutes, the running one
    /// included; channels and providers for which nothing was counted are left out.
    package func deliveryRates(_ windows: [(label: String, length: Duration)], at now: Timestamp) throws
        -> [DeliveryRate]
    {
        // Of one moment, and in one transaction, which costs more than what is asked in it.
        try pool.read { db in try deliveryRates(windows, at: now, db) }
    }

    private func deliveryRates(
        _ windows: [(label: String, length: Duration)], at now: Timestamp, _ db: Database
    ) throws -> [DeliveryRate] {
        let minute = now.milliseconds / 60_000
        var rates: [DeliveryRate] = []
        for (label, length) in windows {
            var sums: [RateKey: TallyCounts] = [:]
            for row in try tallies(since: minute - max(1, length.milliseconds / 60_000) + 1, upTo: minute, db) {
                guard let channel = Channel(column: row[0]) else { continue }
                sums[RateKey(channel: channel, provider: row[1]), default: TallyCounts()].add(row)
            }
            for (key, counts) in sums.sorted(by: { $0.key < $1.key }) where counts != TallyCounts() {
                rates.append(
                    DeliveryRate(
                        channel: key.channel, provider: key.provider.isEmpty ? nil : ProviderName(key.provider),
                        window: label, sent: max(0, counts.sent), delivered: counts.delivered,
                        undelivered: counts.undelivered, opened: counts.opened, clicked: counts.clicked))
            }
        }
        return rates
    }

    /// Sums of the books of delivery rates: of the minutes from `minute` on up to the next whole hour, and of the hours from
    /// there on. Channel, provider, then the counts; the two halves apart.
    private func tallies(since minute: Int64, upTo last: Int64, _ db: Database) throws -> [Row] {
        let hour = (minute + 59) / 60
        let sums = "sum(sent), sum(delivered), sum(undelivered), sum(opened), sum(clicked)"
        let statement = try db.cachedStatement(
            sql: """
                SELECT channel, provider, \(sums) FROM tally WHERE minute >= ? AND minute < ? GROUP BY channel, provider
                UNION ALL
                SELECT channel, provider, \(sums) FROM tally_hour WHERE hour >= ? GROUP BY channel, provider
                """)
        // Within the running hour there is no whole one to begin with.
        let isBroken = hour * 60 > last
        return try Row.fetchAll(
            statement, arguments: [minute, isBroken ? Int64.max : hour * 60, isBroken ? Int64.max : hour])
    }

    private struct RateKey: Hashable, Comparable {
        var channel: Channel
        var provider: String
        static func < (left: Self, right: Self) -> Bool {
            (left.channel.column, left.provider) < (right.channel.column, right.provider)
        }
    }
}

extension TallyCounts {
    fileprivate mutating func add(_ row: Row) {
        sent += row[2]
        delivered += row[3]
        undelivered += row[4]
        opened += row[5]
        clicked += row[6]
    }
}
