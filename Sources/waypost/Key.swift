import ArgumentParser
import WaypostApp
import WaypostCore

/// `waypost key new`: a token for a client, shown once.
struct Key: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes tokens for clients.", subcommands: [New.self], defaultSubcommand: nil)

    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints a token, which is not shown again, and the entry of auth.keys that lets it in.")

        @Option(help: "The client's name.")
        var name: String

        @Option(help: ArgumentHelp("What it may do: some of send,read,operate,admin.", valueName: "list"))
        var scopes: String

        func run() throws {
            let words = scopes.split(separator: ",").map { $0.filter { $0 != " " } }
            let known = try words.map { word in
                guard let scope = Scope(rawValue: word) else {
                    throw ValidationError("\"\(word)\" is no scope; write some of send,read,operate,admin")
                }
                return scope
            }
            do {
                let token = try ClientToken(name: name, scopes: known)
                print(token.token)
                print("\n# waypost.yaml\nauth:\n  keys:\n\(token.entry)")
            } catch {
                throw ValidationError(error.complaint)
            }
        }
    }
}
