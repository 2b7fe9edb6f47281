import ArgumentParser
import WaypostJSON

/// `waypost messages`: what was taken in, and what can still be done about it.
struct Messages: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists messages, shows one, cancels one, sends one again.",
        subcommands: [List.self, Show.self, Cancel.self, Resend.self])

    struct List: ClientCommand {
        static let configuration = CommandConfiguration(abstract: "Lists messages, the newest first.")

        @OptionGroup(title: "Filter") var filter: MessageFilterOptions
        @OptionGroup(title: "Page") var page: PageOptions
        @OptionGroup(title: "Router") var options: ClientOptions

        func run(asking client: Client) throws {
            // The API knows no `reason` here, so that it is left out.
            try list("/v1/messages", filter.items(), page, asking: client, none: "no messages", Table.messages)
        }
    }

    struct Show: ClientCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows a message: state, recipients, attempts, events.")

        @Argument(help: ArgumentHelp("The message.", valueName: "message-id")) var id: String
        @OptionGroup(title: "Router") var options: ClientOptions

        func run(asking client: Client) throws {
            let answer = try client.get("/v1/messages/\(Query.escape(id))")
            show(JSONText(answer)) { Facts.lines(of: answer.json, $0) }
        }
    }

    struct Cancel: ClientCommand {
        static let configuration = CommandConfiguration(abstract: "Cancels a message that still waits.")

        @Argument(help: ArgumentHelp("The message.", valueName: "message-id")) var id: String
        @OptionGroup(title: "Router") var options: ClientOptions

        func run(asking client: Client) throws {
            let answer = try client.change("POST", "/v1/messages/\(Query.escape(id))/cancel")
            show(JSONText(answer)) { SendPicture.accepted(answer.json, $0) }
        }
    }

    struct Resend: ClientCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sends a message again, as a new one that names the old.")

        @Argument(help: ArgumentHelp("The message.", valueName: "message-id")) var id: String
        @OptionGroup(title: "Router") var options: ClientOptions

        func run(asking client: Client) throws {
            let answer = try client.change("POST", "/v1/messages/\(Query.escape(id))/resend", key: .newKey)
            show(JSONText(answer)) { SendPicture.accepted(answer.json, $0) }
        }
    }
}
