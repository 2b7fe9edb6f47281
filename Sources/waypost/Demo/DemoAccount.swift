import WaypostCore
import WaypostSandbox
import WaypostStore

/// The end of a demo: every message that was answered 202, against what the stand-ins hold.
struct DemoAccount {
    /// One channel's part.
    struct Line {
        var name: String
        var accepted: Int
        /// What each took, primary first.
        var taken: [(name: String, count: Int)]
        /// Those whose provider told so; nil where none of them tells.
        var delivered: Int?
        /// Answered 202 and at no provider.
        var lost: Int
        /// Taken beyond the first time, by whichever provider.
        var doubled: Int
    }

    var channels: [Line]
    var refused: Int
    /// Never answered: they may be among those that were taken, and a loss could hide behind each.
    var unanswered: Int
    /// Not at an end yet.
    var open: Int
    /// At another end than sent: deliveries by state.
    var others: [(state: DeliveryState, count: Int)]

    /// The journals are the judge, not the router's own word.
    init(traffic: [Channel: Traffic.Counts], ledger: Ledger, journals: [Channel: Journal.Summary]) {
        channels = DemoCast.all.compactMap { cast in
            guard let journal = journals[cast.channel] else { return nil }
            let accepted = traffic[cast.channel]?.accepted ?? 0
            let taken = cast.standIns.map { ($0.rawValue, journal.providers[$0]?.taken ?? 0) }
            // Each has one recipient. The journal's own count of doubles goes by address, and a device has two of them.
            let doubled = taken.reduce(0) { $0 + $1.1 } - journal.unnamed - journal.distinctMessages
            let told = ledger[cast.channel, .delivered]
            return Line(
                name: cast.channel.rawValue, accepted: accepted, taken: taken,
                delivered: cast.tellsDelivery ? told.live + told.retired : nil,
                lost: max(0, accepted - journal.distinctMessages), doubled: doubled)
        }
        refused = traffic.values.reduce(0) { $0 + $1.refused }
        unanswered = traffic.values.reduce(0) { $0 + $1.unanswered }
        open = ledger.open
        others = DeliveryState.allCases.filter { !$0.isOpen && $0 != .sent && $0 != .delivered }.map {
            ($0, ledger.live($0))
        }
    }

    var accepted: Int { channels.reduce(0) { $0 + $1.accepted } }
    var lost: Int { channels.reduce(0) { $0 + $1.lost } }
    var doubled: Int { channels.reduce(0) { $0 + $1.doubled } }

    /// Of the channels whose providers tell.
    private var reported: (delivered: Int, of: Int) {
        channels.reduce((0, 0)) { sums, line in
            line.delivered.map { (sums.0 + $0, sums.1 + line.accepted) } ?? sums
        }
    }

    var isGood: Bool { unanswered == 0 && channels.allSatisfy { $0.accepted > 0 && $0.lost == 0 && $0.doubled == 0 } }

    var lines: [String] {
        var lines = ["", "channel    accepted delivered      lost   doubled   sent by"]
        for line in channels {
            let taken = line.taken.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
            lines.append(
                line.name.padded(to: 11) + [line.accepted, line.delivered, line.lost, line.doubled].columns + "   "
                    + taken)
        }
        lines.append("all".padded(to: 11) + [accepted, reported.delivered, lost, doubled].columns)
        lines.append("")
        lines.append("delivered \(reported.delivered) of \(reported.of) (push services tell nothing)")
        if refused > 0 { lines.append("refused  \(refused) (answered with an error: not accepted)") }
        if unanswered > 0 { lines.append("no answer \(unanswered) (nobody knows whether they were accepted)") }
        if open > 0 { lines.append("waiting  \(open)") }
        for (state, count) in others where count > 0 { lines.append("\(state.word.padded(to: 8)) \(count)") }
        lines.append(
            isGood ? "nothing lost, nothing doubled" : "not as it should be: see what was lost, doubled or not answered"
        )
        return lines
    }
}

extension [Int?] {
    /// Below each other's headings, ten columns for the first less two.
    fileprivate var columns: String {
        enumerated().map { ($1.map { String($0) } ?? "-").padded(from: $0 == 0 ? 8 : 10) }.joined()
    }
}
