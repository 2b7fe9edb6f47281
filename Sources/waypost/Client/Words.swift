import ArgumentParser
import WaypostAPI
import WaypostCore

// Words of the API as arguments: help lists them, shells complete them.
extension Channel: ExpressibleByArgument {}
extension MessageType: ExpressibleByArgument {}
extension Priority: ExpressibleByArgument {}
extension AmbiguityPolicy: ExpressibleByArgument {}
extension Suppression.Reason: ExpressibleByArgument {}
extension DeadLetterResolution.Verdict: ExpressibleByArgument {}
extension BreakerOperation.State: ExpressibleByArgument {}

/// `name=value`.
struct NamedValue: ExpressibleByArgument, Equatable {
    var name: String
    var value: String

    init?(argument: String) {
        guard let sign = argument.firstIndex(of: "="), sign > argument.startIndex else { return nil }
        name = String(argument[..<sign])
        value = String(argument[argument.index(after: sign)...])
    }
}

/// A span of time as the API writes it, `500ms` or `24h`.
struct Span: ExpressibleByArgument, Equatable {
    var text: String
    var duration: Duration

    var defaultValueDescription: String { text }

    static let minute = Span(text: "60s", duration: .seconds(60))

    private init(text: String, duration: Duration) {
        self.text = text
        self.duration = duration
    }

    init?(argument: String) {
        guard let duration = DurationText.parse(argument) else { return nil }
        self.duration = duration
        text = argument
    }
}
