import ArgumentParser
import WaypostHTTP
import WaypostJSON

extension Client {
    /// What needs no token, and stands on the operators' listener alone where there is one.
    func operational(_ name: String) throws(ClientFailure) -> Answer {
        let answer = try ask(.get("\(url)/\(name)"), within: Client.brief)
        guard answer.status != 404 else {
            throw .own("\(url) has no /\(name); where operations_listen is set, --url names that address")
        }
        return answer
    }
}

/// `waypost probe`: a health check for containers and scripts.
struct Probe: ClientCommand {
    enum Name: String, CaseIterable, ExpressibleByArgument { case livez, readyz, startupz }

    static let configuration = CommandConfiguration(
        abstract: "Asks a probe of a running router; ends with 0 when it answers 200, else with 1.",
        discussion: "For container health checks, where there is no curl.")

    @Argument(help: "The probe.") var name: Name
    @OptionGroup(title: "Router") var options: ClientOptions

    func run(asking client: Client) throws {
        let answer = try client.operational(name.rawValue)
        let isGood = answer.status == 200
        var said = answer.text
        while said.last == "\n" { said.removeLast() }
        let lines = said.split(separator: "\n").map { String($0).printable }
        let json = JSONValue.object([
            "probe": .string(name.rawValue), "ok": .bool(isGood), "status": .integer(Int64(answer.status)),
            "output": .string(said),
        ])
        show(JSONText(json)) { _ in lines.isEmpty ? ["\(answer.status)"] : lines }
        if !isGood { throw ExitCode.failure }
    }
}
