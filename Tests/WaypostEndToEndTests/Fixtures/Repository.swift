import Foundation
import WaypostJSON

/// Files of this repository that are no code: dashboards, rules, the runbook.
enum Repository {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func path(_ name: String) -> String { root.appending(path: name).path }

    static func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

    static func write(_ text: String, to name: String) throws {
        try text.write(toFile: path(name), atomically: true, encoding: .utf8)
    }
}

/// A board for Grafana, as far as its queries and its shape go.
struct Dashboard {
    struct Panel {
        var json: JSONValue
        var id: Int64 { json["id"]?.integer ?? -1 }
        var title: String { json["title"]?.string ?? "" }
        var isRow: Bool { json["type"] == "row" }
        var expressions: [String] { (json["targets"]?.array ?? []).compactMap { $0["expr"]?.string } }
        /// Columns from 0 to 24, rows from 0.
        var place: (x: Range<Int64>, y: Range<Int64>) {
            let place = json["gridPos"]
            let (x, y) = (place?["x"]?.integer ?? -1, place?["y"]?.integer ?? -1)
            return (x..<x + max(0, place?["w"]?.integer ?? 0), y..<y + max(0, place?["h"]?.integer ?? 0))
        }
    }

    /// What a variable may be: the values of a label on the series that a selector finds.
    struct Variable {
        var name: String
        var selector: String
        var label: String
    }

    static let names = ["waypost-overview", "waypost-providers", "waypost-delivery", "waypost-process"]

    let name: String
    let json: JSONValue

    init(_ name: String) throws {
        self.name = name
        json = try JSONValue(parsing: Array(Repository.text("dashboards/\(name).json").utf8))
    }

    static func all() throws -> [Dashboard] { try names.map { try Dashboard($0) } }

    /// Those inside of rows too.
    var panels: [Panel] {
        (json["panels"]?.array ?? []).flatMap { panel in
            [Panel(json: panel)] + (panel["panels"]?.array ?? []).map { Panel(json: $0) }
        }
    }

    var variables: [Variable] {
        (json["templating"]?["list"]?.array ?? []).compactMap { entry in
            guard entry["type"] == "query", let query = entry["query"]?.string ?? entry["query"]?["query"]?.string,
                let match = query.wholeMatch(of: /label_values\((.+), *([a-z_]+)\)/)
            else { return nil }
            return Variable(name: entry["name"]?.string ?? "", selector: String(match.1), label: String(match.2))
        }
    }

    /// As Grafana sends it, with everything chosen and a short while to look at.
    static func resolved(_ expression: String) -> String {
        var text = expression
        for (name, value) in [("__rate_interval", "5s"), ("__interval", "1s"), ("__range", "20s")] {
            text = text.replacing("$" + name, with: value)
        }
        return text.replacing(/\$(job|instance|channel|provider)\b/, with: ".*")
    }
}
