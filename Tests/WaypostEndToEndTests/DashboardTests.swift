import Foundation
import Testing
import WaypostJSON

/// The shape of the boards: what Grafana would not forgive, or people would stumble over.
@Suite struct DashboardTests {
    @Test func `every board of the folder is known here, and each has a name of its own`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Repository.path("dashboards"))
            .filter { $0.hasSuffix(".json") }
        #expect(Set(files) == Set(Dashboard.names.map { $0 + ".json" }))
        let boards = try Dashboard.all()
        #expect(boards.map { $0.json["uid"]?.string } == Dashboard.names)
        #expect(Set(boards.compactMap { $0.json["title"]?.string }).count == boards.count)
    }

    @Test(arguments: Dashboard.names)
    func `panels have ids of their own, lie side by side within 24 columns, and say what they show`(name: String) throws
    {
        let panels = try Dashboard(name).panels
        #expect(!panels.isEmpty && Set(panels.map(\.id)).count == panels.count && panels.allSatisfy { $0.id > 0 })
        for (index, panel) in panels.enumerated() {
            let (x, y) = panel.place
            #expect(
                x.lowerBound >= 0 && x.upperBound <= 24 && !x.isEmpty && y.lowerBound >= 0 && !y.isEmpty,
                "\(panel.title)")
            for other in panels[(index + 1)...] {
                let overlaps = x.overlaps(other.place.x) && y.overlaps(other.place.y)
                #expect(!overlaps, "\(panel.title) lies over \(other.title)")
            }
            #expect(!panel.title.isEmpty)
            guard !panel.isRow else { continue }
            #expect(panel.json["description"]?.string?.isEmpty == false, "\(panel.title) says nothing of itself")
            #expect(!panel.expressions.isEmpty, "\(panel.title) asks nothing")
        }
    }

    @Test(arguments: Dashboard.names)
    func `the data source is the reader's choice, in every panel, query and variable`(name: String) throws {
        let board = try Dashboard(name)
        let source: JSONValue = ["type": "prometheus", "uid": "${datasource}"]
        let entries = board.json["templating"]?["list"]?.array ?? []
        #expect(entries.first?["name"] == "datasource" && entries.first?["type"] == "datasource")
        for entry in entries.dropFirst() { #expect(entry["datasource"] == source, "\(entry["name"] ?? .null)") }
        #expect(board.variables.map(\.name) == entries.dropFirst().compactMap { $0["name"]?.string })
        for panel in board.panels where !panel.isRow {
            #expect(panel.json["datasource"] == source, "\(panel.title)")
            for target in panel.json["targets"]?.array ?? [] { #expect(target["datasource"] ?? source == source) }
        }
    }

    @Test(arguments: Dashboard.names)
    func `each board leads to the others, and a query names only variables that there are`(name: String) throws {
        let board = try Dashboard(name)
        let links = board.json["links"]?.array ?? []
        for other in Dashboard.names where other != name {
            let isThere = links.contains { $0["url"]?.string?.hasPrefix("/d/\(other)") == true }
            #expect(isThere, "no link to \(other)")
        }
        let known = Set(board.variables.map(\.name))
        for panel in board.panels {
            for expression in panel.expressions {
                let names = expression.matches(of: /\$\{?([a-z_]+)/).map { String($0.1) }
                let unknown = names.filter { !known.contains($0) && !$0.hasPrefix("__") }
                #expect(unknown == [], "\(panel.title)")
            }
        }
    }
}
