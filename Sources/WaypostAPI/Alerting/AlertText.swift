import WaypostCore
import WaypostJSON

/// The words of a message about alerts.
package struct AlertText: Equatable, Sendable {
    /// `[FIRING:2] WaypostDown`, as Alertmanager's own receivers head theirs.
    package let title: String
    /// One alert a line, then how many more there are.
    package let lines: [String]
    /// What templates are filled in with.
    package let variables: [JSONValue.Member]

    /// Characters of one alert's line: with the most alerts it is a text message of a few segments.
    private static let lineLimit = 160
    /// Alerts that a message lists at most.
    package static let counts = 1...20

    /// `count`: how many alerts are listed, the firing ones first.
    package init(_ notification: AlertNotification, listing count: Int) {
        let firing = notification.alerts.filter { $0.status == .firing }
        let resolved = notification.alerts.filter { $0.status == .resolved }
        let subjects = notification.status == .firing ? firing : resolved
        let total = subjects.count + notification.truncated
        let name = Self.line(notification.commonName ?? "\(total) alerts")
        let mark = notification.status.rawValue.uppercased()
        let title = notification.status == .firing ? "[\(mark):\(total)] \(name)" : "[\(mark)] \(name)"
        let listed = (firing + resolved).prefix(count).map { alert in
            let what = alert.summary.isEmpty ? alert.name : alert.summary
            let named = notification.commonName == nil && !alert.summary.isEmpty ? "\(alert.name): \(what)" : what
            let isOver = alert.status == .resolved && notification.status == .firing
            return Self.line(isOver ? "resolved: \(named)" : named)
        }
        let rest = notification.alerts.count + notification.truncated - listed.count
        self.title = title
        lines = listed + (rest > 0 ? ["and \(rest) more"] : [])
        variables = [
            .init("title", .string(title)), .init("text", .string(lines.joined(separator: "\n"))),
            .init("status", .string(notification.status.rawValue)), .init("alertname", .string(name)),
            .init("count", .string(String(total))),
        ]
    }

    /// The `content` of a message of that channel.
    package func content(for channel: Channel) -> JSONValue {
        let all = ([title] + lines).joined(separator: "\n")
        switch channel {
        case .email: return ["subject": .string(title), "text": .string(all)]
        case .sms, .whatsapp: return ["text": .string(all)]
        case .voice: return ["say": ["text": .string(([title] + lines).joined(separator: ". "))]]
        case .push, .realtime: return ["title": .string(title), "body": .string(lines.joined(separator: "\n"))]
        }
    }

    /// In one line, without control characters, and not endless.
    private static func line(_ text: String) -> String {
        let words = text.split { character in
            character.isWhitespace || character.isNewline
                || character.unicodeScalars.contains { $0.properties.generalCategory == .control }
        }
        let line = words.joined(separator: " ")
        return line.count > lineLimit ? line.prefix(lineLimit - 1) + "…" : line
    }
}
