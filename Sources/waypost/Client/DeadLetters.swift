import ArgumentParser
import WaypostAPI
import WaypostJSON

/// `waypost dead-letters`: messages whose retries are used up, and those that nobody knows about.
struct DeadLetters: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters", abstract: "Lists, replays, gives up and resolves dead letters.",
        subcommands: [List.self, Replay.self, Purge.self, Resolve.self])

    struct List: ClientCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists messages that are dead or in doubt, the newest first.")

        @OptionGroup(title: "Filter") var filter: MessageFilterOptions
        @Option(help: ArgumentHelp("With that text in their reason.", valueName: "text")) var reason: String?
        @OptionGroup(title: "Page") var page: PageOptions
        @OptionGroup(title: "Router") var options: ClientOptions

        func run(asking client: Client) throws {
            try list(
                "/v1/dead-letters", filter.items(reason: reason), page, asking: client, none: "no dead letters",
                Table.messages)
        }
    }

    struct Replay: ClientCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sends dead letters again, under their ids and with a fresh budget.",
            discussion: "Names messages, or filters them; --all is for all of them.")

        @OptionGroup var chosen: Chosen
        @OptionGroup(title: "Filter") var filter: MessageFilterOptions
        @Option(
            name: [.customLong("reason"), .customLong("with-reason")],
            help: ArgumentHelp("With that text in their reason.", valueName: "text"))
        var reason: String?
        @OptionGroup(title: "Router") var options: ClientOptions

        func validate() throws { _ = try chosen.members(filter.items(reason: reason)) }

        func run(asking client: Client) throws {
            try change("replay", of: chosen.members(filter.items(reason: reason)), asking: client)
        }
    }

    struct Purge: ClientCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives dead letters up for good: they become failed.",
            discussion: "Names messages, or filters them; --all is for all of them.")

        @OptionGroup var chosen: Chosen
        @Option(help: ArgumentHelp("Why, for the record.", valueName: "text")) var reason: String
        @OptionGroup(title: "Filter") var filter: MessageFilterOptions
        @Option(help: ArgumentHelp("With that text in their reason.", valueName: "text")) var withReason: String?
        @OptionGroup(title: "Router") var options: ClientOptions

        func validate() throws { _ = try chosen.members(filter.items(reason: withReason)) }

        func run(asking client: Client) throws {
            let members = try chosen.members(filter.items(reason: withReason))
            try change("purge", of: members + [.init("reason", .string(reason))], asking: client)
        }
    }

    struct Resolve: ClientCommand {
        static let configuration = CommandConfiguration(abstract: "Says what became of messages in doubt.")

        @Argument(help: ArgumentHelp("The messages.", valueName: "message-id")) var ids: [String]
        @Option(name: .customLong("as"), help: "What became of them; resend puts them back into the queue.")
        var verdict: DeadLetterResolution.Verdict
        @Option(help: ArgumentHelp("How that is known, for the record.", valueName: "text")) var reason: String
        @OptionGroup(title: "Router") var options: ClientOptions

        func run(asking client: Client) throws {
            let members: [JSONValue.Member] = [
                .init("ids", JSONValue(ids)), .init("as", .string(verdict.rawValue)), .init("reason", .string(reason)),
            ]
            try change("resolve", of: members, asking: client)
        }
    }

    /// Which of them a procedure is about.
    struct Chosen: ParsableArguments {
        @Argument(help: ArgumentHelp("The messages.", valueName: "message-id")) var ids: [String] = []
        @Flag(help: "All that the filter lets through; without a filter all.") var all = false
        @Flag(help: "Says what it would touch, and changes nothing.") var dryRun = false

        /// Members of the request: `ids` or `filter`, one of the two, so that nothing is touched by an oversight.
        func members(_ filter: KeyValuePairs<String, String?>) throws -> [JSONValue.Member] {
            let conditions = filter.compactMap { name, value in value.map { JSONValue.Member(name, .string($0)) } }
            let dry: [JSONValue.Member] = dryRun ? [.init("dry_run", true)] : []
            if !ids.isEmpty {
                guard conditions.isEmpty, !all else {
                    throw ValidationError("name messages, or filter them: one of the two")
                }
                return [.init("ids", JSONValue(ids))] + dry
            }
            guard all || !conditions.isEmpty else {
                throw ValidationError("name messages or filter them; --all means all of them")
            }
            return [.init("filter", .object(conditions))] + dry
        }
    }
}

extension ClientCommand {
    /// One procedure over dead letters, and what it touched.
    fileprivate func change(_ procedure: String, of members: [JSONValue.Member], asking client: Client) throws {
        let answer = try client.change(
            "POST", "/v1/dead-letters/\(procedure)", body: .init(.object(members)), key: .newKey)
        show(JSONText(answer)) { _ in DeadLetterPicture.lines(of: answer.json) }
    }
}

/// What a procedure over dead letters touched.
enum DeadLetterPicture {
    static func lines(of answer: JSONValue) -> [String] {
        let words = ["replayed", "purged", "resolved"]
        let word = words.first { answer[$0]?.integer != nil } ?? "touched"
        let count = answer[word]?.integer ?? 0
        let isDry = answer["dry_run"]?.bool == true
        let head = (isDry ? "would have " : "") + "\(word) \(count) message\(count == 1 ? "" : "s")"
        let ids = (answer["ids"]?.array ?? []).compactMap(\.string)
        let rest = Int(count) - ids.count
        return [head] + ids.map { "  " + $0.printable } + (rest > 0 ? ["  and \(rest) more"] : [])
    }
}
