import WaypostCore
import WaypostSandbox
import WaypostStore

/// The end of a demo: every message that was answered 202, against what the stand-ins hold.
struct DemoAccount {
    var accepted: Int
    var refused: Int
    var byProvider: [(name: String, taken: Int)]
    /// Answered 202 and at no provider.
    var lost: Int
    var doubled: Int
    /// Not at an end yet, or in doubt.
    var open: Int
    var inDoubt: Int

    /// The journal is the judge, not the router's own word.
    init(traffic: Traffic.Counts, ledger: Ledger, journal: Journal.Summary) {
        accepted = traffic.accepted
        refused = traffic.refused
        byProvider = StandIn.allCases.compactMap { provider in
            journal.providers[provider].flatMap { $0.taken > 0 ? (provider.rawValue, $0.taken) : nil }
        }
        lost = max(0, traffic.accepted - journal.distinctMessages)
        doubled = journal.duplicates
        open = ledger.open
        inDoubt = ledger.live(.inDoubt)
    }

    var isGood: Bool { accepted > 0 && lost == 0 && doubled == 0 }

    var lines: [String] {
        let sent = byProvider.map { "\($0.name) \($0.taken)" }.joined(separator: ", ")
        var lines = [
            "",
            "accepted \(accepted)",
            "sent by  \(sent.isEmpty ? "nobody" : sent)",
            "lost     \(lost)",
            "doubled  \(doubled)",
        ]
        if refused > 0 { lines.append("refused  \(refused) (answered with an error: not accepted)") }
        if open > 0 { lines.append("waiting  \(open)") }
        if inDoubt > 0 { lines.append("in doubt \(inDoubt)") }
        return lines
    }
}
