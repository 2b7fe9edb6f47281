import Foundation
import WaypostJSON

extension StatusReport {
    /// For people: what is wrong first, then providers, channels, and what else there is to tell.
    func lines(_ style: Style) -> [String] {
        let word = isHealthy ? "healthy" : "degraded"
        var head = style.paint("waypost", .heading) + " \(health.text("version")?.printable ?? "")"
        head += " at \(url)  " + style.paint(word, Style.tone(of: word))
        var lines = [head] + reasons.map { "  " + style.paint($0.printable, .warning) }
        func section(_ table: Table) { lines += [""] + table.lines(style) }
        section(ProviderPicture.table(of: providers))
        if !routes.isEmpty { section(channels) }
        if !rates.isEmpty { section(ratesTable) }
        if let overrides, !overrides.isEmpty { section(Self.table(of: overrides)) }
        if let endpoints, !endpoints.isEmpty { section(Self.endpointTable(of: endpoints)) }
        if overrides == nil { lines += ["", "overrides and event endpoints are shown to keys with the scope operate"] }
        return lines
    }

    private var channels: Table {
        Table(
            "CHANNEL", "HEALTH", "SCHEDULED", "QUEUED", "SENDING", "OLDEST", "DEAD", "IN DOUBT", "ROUTE",
            rows: routes.map { route in
                let channel = route.text("channel") ?? "?"
                let queue = queues.first { $0.channel == channel }
                func count(_ number: Int?, _ tone: Style.Tone = .plain) -> Table.Cell {
                    number.map { Table.Cell($0, $0 > 0 ? tone : .plain) } ?? "-"
                }
                let health = health["checks"]?[channel]?[0]?.text("status") ?? "unknown"
                return [
                    Table.Cell(channel), .word(health), count(queue?.scheduled), count(queue?.queued),
                    count(queue?.sending), Table.Cell(queue.map { Self.age($0.oldest) } ?? "-"),
                    count(queue?.deadLetters, .bad), count(queue?.inDoubt, .warning),
                    Table.Cell("\(route["providers"]?.shown ?? "-") (\(route.text("strategy") ?? "?"))"),
                ]
            })
    }

    /// Channels as a whole; of their providers `--json` tells.
    private var ratesTable: Table {
        Table(
            "CHANNEL", "WINDOW", "SENT", "DELIVERED", "UNDELIVERED", "RATE",
            rows: rates.filter { $0["provider"]?.string == nil }.map { rate in
                let share =
                    switch rate["rate"] {
                    case .number(let number)?: String(format: "%.2f %%", number)
                    case .integer(let number)?: "\(number) %"
                    default: "-"
                    }
                return ["channel", "window", "sent", "delivered", "undelivered"].map { Table.Cell(rate[$0]) }
                    + [Table.Cell(share)]
            })
    }

    private static func table(of overrides: [JSONValue]) -> Table {
        let names = ["kind", "target", "channel", "state", "expires_at", "by", "reason", "id"]
        return Table(
            head: ["OVERRIDE", "TARGET", "CHANNEL", "STATE", "UNTIL", "BY", "REASON", "ID"],
            rows: overrides.map { override in names.map { Table.Cell(override[$0]) } })
    }

    private static func endpointTable(of endpoints: [JSONValue]) -> Table {
        Table(
            "EVENTS TO", "STATE", "LAG", "LAST", "NOTE",
            rows: endpoints.map { endpoint in
                let isEnabled = endpoint["enabled"]?.bool != false
                let note = endpoint.text("reason") ?? endpoint["last"]?.text("detail")
                return [
                    Table.Cell(endpoint["name"]), .word(isEnabled ? "enabled" : "disabled"),
                    Table.Cell(endpoint["lag"]),
                    .word(endpoint["last"]?.text("result") ?? "-"), Table.Cell(note ?? "-"),
                ]
            })
    }

    /// `-`, `850ms`, `12s`, `4m`, `3h`, `2d`
    static func age(_ seconds: Double) -> String {
        guard seconds > 0, seconds.isFinite else { return "-" }
        switch seconds {
        case ..<1: return "\(Int(seconds * 1000))ms"
        case ..<120: return "\(Int(seconds))s"
        case ..<7200: return "\(Int(seconds / 60))m"
        case ..<172_800: return "\(Int(seconds / 3600))h"
        default: return "\(Int(min(seconds, 1e12) / 86_400))d"
        }
    }
}
