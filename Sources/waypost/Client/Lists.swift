import ArgumentParser
import WaypostCore
import WaypostJSON

/// Which messages a list shows, and procedures are about.
struct MessageFilterOptions: ParsableArguments {
    @Option(help: "Of that channel.") var channel: Channel?
    @Option(
        help: ArgumentHelp("In one of these states, with commas between.", valueName: "states"),
        completion: .list(DeliveryState.allCases.map(\.word)))
    var status: String?
    @Option(help: "Of that type.") var type: MessageType?
    @Option(help: ArgumentHelp("To that address.", valueName: "address")) var to: String?
    @Option(help: ArgumentHelp("With that tag.", valueName: "tag")) var tag: String?
    @Option(help: ArgumentHelp("Taken in after, like 2027-01-31T08:00:00Z.", valueName: "time")) var createdAfter:
        String?
    @Option(help: ArgumentHelp("Taken in before.", valueName: "time")) var createdBefore: String?

    /// The API's names for them; `reason` is the state's.
    func items(reason: String? = nil) -> KeyValuePairs<String, String?> {
        [
            "channel": channel?.rawValue, "status": status, "type": type?.rawValue, "to": to, "tag": tag,
            "created_after": createdAfter, "created_before": createdBefore, "reason": reason,
        ]
    }
}

/// How much of a list is shown.
struct PageOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Rows of a page, 1 to 500.", valueName: "n")) var limit = 50
    @Option(help: ArgumentHelp("Goes on where a page ended: its next.", valueName: "cursor")) var after: String?
    @Flag(help: "Page after page, to the end.") var all = false

    func validate() throws {
        if !(1...500).contains(limit) { throw ValidationError("--limit takes 1 to 500") }
    }
}

extension ClientCommand {
    /// Prints a list, page by page where all is wanted. JSON has the API's form, with all rows in one `data`.
    func list(
        _ path: String, _ items: KeyValuePairs<String, String?>, _ page: PageOptions, asking client: Client,
        none: String, _ table: ([JSONValue]) -> Table
    ) throws {
        var after = page.after
        var isFirst = true
        repeat {
            var query = Query(items)
            query.add("limit", String(page.all ? 500 : page.limit))
            query.add("after", after)
            let answer = try client.get(path, query).json
            after = answer.text("next")
            if answer.data.isEmpty { after = page.all ? nil : after }
            let isLast = !page.all || after == nil
            if options.json {
                let rows = answer.data.map { JSONText($0).text }.joined(separator: ",")
                let end = isLast ? "],\"next\":\(after.map { JSONText(.string($0)).text } ?? "null")}\n" : ""
                Terminal.say((isFirst ? "{\"data\":[" : rows.isEmpty ? "" : ",") + rows + end, terminator: "")
            } else if isFirst, answer.data.isEmpty {
                Terminal.say(none)
            } else {
                Terminal.say(table(answer.data).lines(.ofOutput).dropFirst(isFirst ? 0 : 1).joined(separator: "\n"))
                if isLast, let after { Terminal.complain("more: --after \(after)") }
            }
            isFirst = false
            if isLast { return }
        } while true
    }
}

extension Table {
    /// Messages, a line each.
    static func messages(_ rows: [JSONValue]) -> Table {
        Table(
            "ID", "CREATED", "CHANNEL", "STATUS", "PROVIDER", "WHY",
            rows: rows.map { row in
                [
                    Cell(row["id"]), Cell(row["created_at"]), Cell(row["channel"]), .word(row.text("status") ?? "-"),
                    Cell(row["provider"]), Cell(row["status_reason"]),
                ]
            })
    }
}
