import ArgumentParser
import Foundation
import WaypostCore
import WaypostJSON

/// `waypost send`: one message through a running router.
struct Send: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sends one message through a running router.",
        discussion: """
            Ends with 0 once the router has taken it; with --wait, once a provider has. Ends with 1 where it did not.
            The request carries an Idempotency-Key and is repeated once where the connection breaks, which never makes \
            a second message.
            """)

    @Argument(help: "The channel.")
    var channel: Channel

    @OptionGroup(title: "Message") var message: MessageOptions

    @Flag(help: "Checks and routes it; nothing is kept or sent.")
    var dryRun = false

    @Flag(help: "Follows it to a final state and prints its attempts.")
    var wait = false

    @Option(help: ArgumentHelp("How long --wait follows it.", valueName: "span"))
    var timeout = Span.minute

    @Option(help: ArgumentHelp("1 to 255 printable characters; one is made where it is left out.", valueName: "key"))
    var idempotencyKey: String?

    @OptionGroup(title: "Router") var options: ClientOptions

    func validate() throws {
        if message.to.isEmpty { throw ValidationError("--to says who gets it") }
        if dryRun, wait { throw ValidationError("--dry-run sends nothing that --wait could follow") }
    }

    func run(asking client: Client) throws {
        let body = Client.Body(message.body(on: channel))
        guard !dryRun else {
            let answer = try client.change("POST", "/v1/messages", Query(["dry_run": "true"]), body: body)
            show(JSONText(answer)) { SendPicture.rehearsal(answer.json, $0) }
            if answer.json.text("status") == "suppressed" { throw ExitCode.failure }
            return
        }
        let key = idempotencyKey ?? .newKey
        let answer = try client.change("POST", "/v1/messages", body: body, key: key)
        guard let id = answer.json.text("id") else {
            throw ClientFailure.strange(url: client.url, status: answer.status)
        }
        guard wait else {
            show(JSONText(answer)) { SendPicture.accepted(answer.json, $0) }
            if answer.json.text("status") == "suppressed" { throw ExitCode.failure }
            return
        }
        let last = try follow(id, asking: client)
        show(JSONText(last)) { SendPicture.followed(last.json, within: timeout.text, $0) }
        if !SendPicture.isSent(last.json) { throw ExitCode.failure }
    }

    /// Looks again and again, ever less often, until it is at an end or the time is up.
    private func follow(_ id: String, asking client: Client) throws -> Client.Answer {
        let end = ContinuousClock.now + timeout.duration
        var pause: Duration = .milliseconds(25)
        while true {
            let answer = try client.get("/v1/messages/\(id)")
            let left = end - ContinuousClock.now
            if SendPicture.isFinal(answer.json) || left <= .zero { return answer }
            Thread.sleep(forTimeInterval: min(pause, left).seconds)
            pause = min(pause * 2, .seconds(1))
        }
    }
}

/// What `waypost send` tells.
enum SendPicture {
    /// Whether a message has come to an end.
    static func isFinal(_ message: JSONValue) -> Bool {
        message.text("status").flatMap { DeliveryState(word: $0) }.map { !$0.isOpen } ?? false
    }

    /// Whether a provider has taken it.
    static func isSent(_ message: JSONValue) -> Bool { ["sent", "delivered"].contains(message.text("status")) }

    static func accepted(_ answer: JSONValue, _ style: Style) -> [String] {
        [head(answer, style)]
    }

    static func rehearsal(_ answer: JSONValue, _ style: Style) -> [String] {
        var head = "would be " + status(of: answer, style)
        if let reason = answer.text("status_reason") { head += ": \(reason.printable)" }
        if let segments = answer["segments"]?["count"]?.integer {
            head +=
                ", \(segments) segment\(segments == 1 ? "" : "s") of \(answer["segments"]?.text("encoding") ?? "text")"
        }
        guard let decision = answer["decision"] else { return [head] }
        return [head] + ExplainPicture.lines(of: decision, style)
    }

    static func followed(_ message: JSONValue, within span: String, _ style: Style) -> [String] {
        var head = head(message, style)
        if let provider = message.text("provider"), isSent(message) { head += " by \(provider)" }
        if let reason = message.text("status_reason") { head += ": \(reason.printable)" }
        if !isFinal(message) { head += ", and not at an end within \(span)" }
        return [head] + attempts(of: message, style)
    }

    /// One line each; none where there was none.
    static func attempts(of message: JSONValue, _ style: Style) -> [String] {
        let attempts = message["attempts"]?.array ?? []
        guard !attempts.isEmpty else { return [] }
        let rows = attempts.enumerated().map { index, attempt in
            let outcome = attempt.text("outcome") ?? "under way"
            let said = [attempt["http_status"]?.shown, attempt["provider_code"]?.shown, attempt.text("detail")]
                .compactMap(\.self)
            return [
                Table.Cell(index + 1), Table.Cell(attempt["provider"]), .word(outcome),
                Table.Cell(attempt["duration_ms"]),
                Table.Cell(attempt["reason"]), Table.Cell(said.isEmpty ? "-" : said.joined(separator: " ")),
            ]
        }
        return Table("TRY", "PROVIDER", "OUTCOME", "MS", "REASON", "SAID", rows: rows).compact.lines(style)
    }

    private static func head(_ message: JSONValue, _ style: Style) -> String {
        "\((message.text("id") ?? "?").printable) \(status(of: message, style))"
    }

    private static func status(of message: JSONValue, _ style: Style) -> String {
        let word = message.text("status") ?? "?"
        return style.paint(word.printable, Style.tone(of: word))
    }
}
