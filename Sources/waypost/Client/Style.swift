import Foundation

/// How things look: colours on a terminal, plain text elsewhere.
struct Style: Equatable {
    enum Tone: Equatable { case plain, heading, quiet, good, warning, bad }

    var isColored = false

    static let plain = Style()

    /// For standard output. `NO_COLOR` as https://no-color.org has it: set and not empty, there is none.
    static var ofOutput: Style {
        let refusal = ProcessInfo.processInfo.environment["NO_COLOR"] ?? ""
        return Style(isColored: Terminal.isInteractive && refusal.isEmpty)
    }

    func paint(_ text: String, _ tone: Tone) -> String {
        guard isColored, !text.isEmpty else { return text }
        let code: Int
        switch tone {
        case .plain: return text
        case .heading: code = 1
        case .quiet: code = 2
        case .bad: code = 31
        case .good: code = 32
        case .warning: code = 33
        }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    /// The tone of a state, a health or a breaker by its word.
    static func tone(of word: String) -> Tone {
        switch word {
        case "pass", "closed", "sent", "delivered", "accepted", "enabled", "healthy", "taken": .good
        case "warn", "half_open", "in_doubt", "throttled", "ambiguous", "expired", "suppressed", "undelivered",
            "degraded":
            .warning
        case "fail", "open", "failed", "dead", "disabled", "unavailable", "misconfigured", "refused_message",
            "refused_recipient":
            .bad
        default: .plain
        }
    }

    /// No more than so many columns of a line, whose colours take none and are ended.
    static func clip(_ line: String, to width: Int) -> String {
        var text = ""
        var columns = 0
        var isEscape = false
        var isPainted = false
        for character in line {
            if isEscape {
                text.append(character)
                if character.isLetter { isEscape = false }
            } else if character == "\u{1B}" {
                text.append(character)
                (isEscape, isPainted) = (true, true)
            } else if columns < width {
                text.append(character)
                columns += 1
            }
        }
        return isPainted && !text.hasSuffix("\u{1B}[0m") ? text + "\u{1B}[0m" : text
    }
}

extension String {
    /// Control characters as blanks: what others wrote cannot move the cursor, nor begin a line.
    var printable: String {
        String(String.UnicodeScalarView(unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}
