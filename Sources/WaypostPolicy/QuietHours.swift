import Foundation
import WaypostCore

/// When messages of some types are held until a better hour (contract: `policy.quiet_hours`), as the TCPA asks of whoever
/// calls or texts people in the United States: never before 8 or after 21 hours where they are (47 CFR 64.1200(c)(1)).
///
/// Quiet is whatever the clocks on the wall say: where they are put back, an hour may be quiet twice; where they are put
/// forward over the end, it ends with the jump.
package struct QuietHours: Equatable, Sendable {
    package var types: [MessageType]
    /// In minutes since midnight; a span that ends before it begins goes over midnight.
    package var from: Int
    /// The first minute that is not quiet any more.
    package var to: Int
    /// nil: the recipient's, where it is known.
    package var zone: String?
    /// Where the recipient's is not known.
    package var defaultZone: String

    package init(types: [MessageType], from: Int, to: Int, zone: String? = nil, defaultZone: String = "UTC") {
        self.types = types
        self.from = from
        self.to = to
        self.zone = zone
        self.defaultZone = defaultZone
    }

    /// Why a message waits, and until when.
    package struct Hold: Equatable, Sendable {
        /// The first moment that is not quiet.
        package var until: Timestamp
        /// Where it is quiet until then.
        package var zone: String

        package var reason: String { "held until \(until): quiet hours in \(zone)" }
    }

    /// Whether it matters for messages of a type where their recipients live.
    package func goesByRecipients(for type: MessageType) -> Bool { zone == nil && types.contains(type) }

    /// nil where a message may go out then.
    package func hold(_ message: Message, at time: Timestamp) -> Hold? {
        guard types.contains(message.type) else { return nil }
        return hold(at: time, in: zones(of: message))
    }

    /// Whose time counts for a message: what is fixed; else where its recipients are known to live; else what their numbers
    /// say; else the default.
    package func zones(of message: Message) -> [String] {
        if let zone { return [zone] }
        if !message.zones.isEmpty { return message.zones }
        return message.content.phone.flatMap(PhoneZones.zones) ?? [defaultZone]
    }

    /// Whose time counts where a store knows about some of the recipients; empty where it knows nothing that the message does
    /// not say by itself.
    ///
    /// - Parameter known: of each delivery, the zones of the users who have its address.
    package func zones(of content: Content, known: [[String]]) -> [String] {
        guard known.contains(where: { !$0.isEmpty }) else { return [] }
        let others = content.phone.flatMap(PhoneZones.zones) ?? [defaultZone]
        return known.reduce(into: []) { all, zones in
            for zone in zones.isEmpty ? others : zones where !all.contains(zone) { all.append(zone) }
        }
    }

    /// The first moment from `now` on at which it is quiet in none of the zones; nil where that is `now`.
    package func resume(at now: Timestamp, in zones: [String]) -> Timestamp? { hold(at: now, in: zones)?.until }

    /// Where there is never a moment that is quiet nowhere, the first zone alone counts.
    package func hold(at now: Timestamp, in names: [String]) -> Hold? {
        let known = names.compactMap { name in TimeZone(identifier: name).map { (name: name, clocks: $0) } }
        let zones = known.isEmpty ? [(name: "UTC", clocks: TimeZone.gmt)] : known
        var hold: Hold?
        var time = now
        while let zone = zones.first(where: { isQuiet(at: time, $0.clocks) }) {
            time = end(after: time, zone.clocks)
            hold = Hold(until: time, zone: zone.name)
            if zones.count > 1, time - now > Self.patience { return self.hold(at: now, in: [zones[0].name]) }
        }
        return hold
    }

    /// Quiet that has not ended by then, from one zone to the next, never does.
    private static let patience = Duration.seconds(49 * 3600)

    private static let day: Int64 = 86_400_000

    private func isQuiet(at time: Timestamp, _ zone: TimeZone) -> Bool {
        let (clock, from, to) = (Self.clock(at: time, zone), Int64(from) * 60_000, Int64(to) * 60_000)
        return from < to ? from <= clock && clock < to : clock >= from || clock < to
    }

    /// When the quiet that covers `time` ends in a zone.
    private func end(after time: Timestamp, _ zone: TimeZone) -> Timestamp {
        let left = (Int64(to) * 60_000 - Self.clock(at: time, zone) + Self.day) % Self.day
        let end = time + .milliseconds(left == 0 ? Self.day : left)
        let offset = Self.offset(at: time, zone)
        guard Self.offset(at: end, zone) != offset else { return end }
        // The clocks change on the way, which they do once a day at most.
        var (before, after) = (time.milliseconds, end.milliseconds)
        while after - before > 1 {
            let middle = before + (after - before) / 2
            if Self.offset(at: Timestamp(milliseconds: middle), zone) == offset {
                before = middle
            } else {
                after = middle
            }
        }
        let change = Timestamp(milliseconds: after)
        return isQuiet(at: change, zone) ? self.end(after: change, zone) : change
    }

    /// What the clocks say, in milliseconds since midnight.
    private static func clock(at time: Timestamp, _ zone: TimeZone) -> Int64 {
        let local = (time.milliseconds + offset(at: time, zone)) % day
        return local < 0 ? local + day : local
    }

    /// Ahead of UTC, in milliseconds.
    private static func offset(at time: Timestamp, _ zone: TimeZone) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.milliseconds) / 1000))) * 1000
    }
}
