import ArgumentParser
import WaypostJSON

/// `waypost explain`: why a message went where it went.
struct Explain: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says why a message went where it went.",
        discussion: "Each candidate of each round, and why it was taken or passed over; then what the attempts came to."
    )

    @Argument(help: ArgumentHelp("The message.", valueName: "message-id"))
    var id: String

    @OptionGroup(title: "Router") var options: ClientOptions

    func run(asking client: Client) throws {
        let path = "/v1/messages/\(Query.escape(id))"
        let explanation = try client.get(path + "/explain")
        guard !options.json else { return show(JSONText(explanation)) { _ in [] } }
        let message = try client.get(path).json
        show(JSONText(explanation)) { ExplainPicture.lines(of: explanation.json, message: message, $0) }
    }
}

/// A routing decision for people.
enum ExplainPicture {
    static func lines(of explanation: JSONValue, message: JSONValue, _ style: Style) -> [String] {
        let status = message.text("status") ?? "?"
        var head =
            "\(message.text("id") ?? "?") \(message.text("channel") ?? "?") "
            .printable + style.paint(status.printable, Style.tone(of: status))
        if let provider = message.text("provider") { head += " by \(provider)" }
        if let reason = message.text("status_reason") { head += ": \(reason.printable)" }
        var lines = [head]
        let rounds = explanation["rounds"]?.array ?? []
        if rounds.isEmpty { lines.append("no provider has been looked for") }
        for round in rounds { lines += [""] + self.lines(of: round, style) }
        let attempts = SendPicture.attempts(of: message, style)
        return attempts.isEmpty ? lines : lines + [""] + attempts
    }

    /// One round.
    static func lines(of round: JSONValue, _ style: Style) -> [String] {
        var head = "round \(round["round"]?.shown ?? "?")"
        if let delivery = round["delivery"]?.integer { head += " of recipient \(delivery)" }
        if let time = round.text("at") { head += " at \(time)" }
        let rule = round["rule"]?.shown.map { "rule \($0)" } ?? "no rule"
        head +=
            ": \(rule), strategy \(round.text("strategy") ?? "?"), configuration \(round.text("config_version") ?? "?")"
        let rows = (round["considered"]?.array ?? []).map { candidate in
            [
                Table.Cell(candidate["provider"]), .word(candidate.text("verdict") ?? "?"),
                Table.Cell(candidate["detail"]), Table.Cell(candidate["until"]),
            ]
        }
        let table = Table("PROVIDER", "VERDICT", "WHY", "UNTIL", rows: rows)
        return [style.paint(head.printable, .heading)]
            + (rows.isEmpty ? ["  nobody on the route"] : table.compact.lines(style).map { "  " + $0 })
    }
}
