import ArgumentParser
import Foundation
import WaypostCore
import WaypostJSON

/// `waypost suppressions`: whom nobody writes to.
struct Suppressions: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists suppressed addresses, adds, removes and imports them.",
        subcommands: [List.self, Add.self, Remove.self, Import.self])

    struct List: ClientCommand {
        static let configuration = CommandConfiguration(abstract: "Lists suppressed addresses, the newest first.")
        @Option(help: "On that channel.") var channel: Channel?
        @Option(help: "For that reason.") var reason: Suppression.Reason?
        @Option(help: ArgumentHelp("Told by that provider or client.", valueName: "name")) var source: String?
        @Option(help: ArgumentHelp("That address alone; needs --channel.", valueName: "address")) var address: String?
        @OptionGroup(title: "Page") var page: PageOptions
        @OptionGroup(title: "Router") var options: ClientOptions

        func run(asking client: Client) throws {
            let items: KeyValuePairs<String, String?> = [
                "channel": channel?.rawValue, "reason": reason?.rawValue, "source": source, "address": address,
            ]
            try list("/v1/suppressions", items, page, asking: client, none: "nobody is suppressed", Self.table)
        }

        static func table(_ rows: [JSONValue]) -> Table {
            let names = ["channel", "address", "reason", "source", "created_at", "expires_at", "detail"]
            return Table(
                head: ["CHANNEL", "ADDRESS", "REASON", "SOURCE", "SINCE", "UNTIL", "DETAIL"],
                rows: rows.map { row in names.map { Table.Cell(row[$0]) } })
        }
    }

    struct Add: ClientCommand {
        static let configuration = CommandConfiguration(abstract: "Suppresses an address on a channel.")
        @Argument(help: "The channel.") var channel: Channel
        @Argument(help: "The address.") var address: String
        @Option(help: "Why; manual where it is left out.") var reason: Suppression.Reason?
        @Option(help: ArgumentHelp("More about it, for people.", valueName: "text")) var detail: String?
        @Option(name: .customLong("for"), help: ArgumentHelp("Ends after that long, like 30d.", valueName: "span"))
        var span: Span?
        @OptionGroup(title: "Router") var options: ClientOptions

        func run(asking client: Client) throws {
            let body = JSONValue.object([
                "reason": JSONValue(reason?.rawValue), "detail": JSONValue(detail), "for": JSONValue(span?.text),
            ])
            let path = "/v1/suppressions/\(channel.rawValue)/\(Query.escape(address))"
            let answer = try client.change("PUT", path, body: .init(body))
            show(JSONText(answer)) { Facts.lines(of: answer.json, $0) }
        }
    }

    struct Remove: ClientCommand {
        static let configuration = CommandConfiguration(abstract: "Writes to an address on a channel again.")
        @Argument(help: "The channel.") var channel: Channel
        @Argument(help: "The address.") var address: String
        @OptionGroup(title: "Router") var options: ClientOptions

        func run(asking client: Client) throws {
            _ = try client.delete("/v1/suppressions/\(channel.rawValue)/\(Query.escape(address))")
            show(JSONText(.object([]))) { _ in ["\(address) is not suppressed on \(channel.rawValue) any more"] }
        }
    }

    struct Import: ClientCommand {
        static let configuration = CommandConfiguration(
            abstract: "Suppresses the addresses of a file.",
            discussion: """
                CSV whose first row names its columns (channel, address, reason, detail, expires_at), or JSON where the \
                name ends in .json. Ends with 1 when rows were refused.
                """)
        @Argument(help: "The file.", completion: .file(extensions: ["csv", "json"])) var file: String
        @Option(help: "Of rows that name none.") var channel: Channel?
        @OptionGroup(title: "Router") var options: ClientOptions

        func run(asking client: Client) throws {
            let data: Data
            do { data = try Data(contentsOf: URL(fileURLWithPath: file)) } catch {
                throw ClientFailure.own("\(file) cannot be read: \(error.localizedDescription)")
            }
            let type = file.lowercased().hasSuffix(".json") ? "application/json" : "text/csv"
            let answer = try client.change(
                "POST", "/v1/suppressions/import", Query(["channel": channel?.rawValue]),
                body: .init(Array(data), type: type), key: .newKey)
            show(JSONText(answer)) { Facts.lines(of: answer.json, $0) }
            if (answer.json["rejected"]?.integer ?? 0) > 0 { throw ExitCode.failure }
        }
    }
}
