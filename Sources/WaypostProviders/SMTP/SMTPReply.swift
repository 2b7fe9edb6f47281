import WaypostCore
import WaypostHTTP

/// One reply of a submission server, and what it means where it was given (the table of RFC 5321 and 3463 codes that
/// submission servers use).
struct SMTPReply {
    let code: Int
    /// `5.1.1` (RFC 3463), where the text begins with one of the same class.
    let enhanced: String?

    init(_ line: MailReply.Line) {
        code = line.code
        let word = line.text.prefix { $0 != " " }
        let numbers = word.split(separator: ".", omittingEmptySubsequences: false)
        let isStatus =
            numbers.count == 3 && numbers.allSatisfy { (1...3).contains($0.count) && Int($0) != nil }
            && numbers[0] == "\(line.code / 100)"
        enhanced = isStatus ? String(word) : nil
    }

    var isPositive: Bool { (200..<300).contains(code) }

    /// `550 5.1.1`.
    var words: String { [String(code), enhanced].compactMap(\.self).joined(separator: " ") }

    /// What it means that the dialogue ended here with this reply.
    func failure(at stage: MailReply.Stage, _ detail: String, at now: Timestamp) -> Failure {
        switch stage {
        case _ where code == 421: .init(.unavailable, detail, code: words)  // RFC 5321 3.8: closing, at any time
        case .connect, .hello: .init(.unavailable, detail, code: words)  // nothing was said of the message yet
        case .startTLS, .authenticate: secured(detail)
        case _ where Self.credentialCodes.contains(code) || has("5.7.8", "5.7.9"):
            .init(.misconfigured, detail, scope: .account, code: words)
        case .sender: sender(detail, at: now)
        case .recipients: recipient(detail, at: now)
        case .data, .done: data(detail, at: now)
        }
    }

    private static let credentialCodes: Set<Int> = [454, 530, 534, 535, 538]
    /// The least rest after "not now": queues and greylists think in minutes.
    private static let rest: Duration = .seconds(60)

    /// STARTTLS or AUTH did not succeed: whatever is final, or not on offer, is ours to mend.
    private func secured(_ detail: String) -> Failure {
        let passes = (400..<500).contains(code) && code != 454
        return Failure(passes ? .unavailable : .misconfigured, detail, scope: .account, code: words)
    }

    private func sender(_ detail: String, at now: Timestamp) -> Failure {
        switch code {
        case 450, 451, 452: Failure(.throttled, detail, code: words, until: now + Self.rest)
        case 550, 554: Failure(has("5.7.1", "5.1.8") ? .unsuitable : .refusedMessage, detail, code: words)
        default: other(detail)
        }
    }

    /// For one recipient; the others may fare differently.
    private func recipient(_ detail: String, at now: Timestamp) -> Failure {
        let kind: Failure.Kind
        switch code {
        case 450, 451, 452:  // greylisting, a full mailbox, too many recipients at once
            return Failure(.throttled, detail, scope: .endpoint, code: words, until: now + Self.rest)
        // RFC 5321 4.5.3.1.10: old servers say 552 for "too many recipients".
        case 552 where enhanced == nil || has("5.5.3"):
            return Failure(.throttled, detail, scope: .endpoint, code: words, until: now + Self.rest)
        case 550, 554, 551, 553:
            if has("5.7.1", "5.1.8") {
                kind = .unsuitable
            } else if has("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10") || (enhanced == nil && code != 554) {
                kind = .refusedRecipient
            } else {
                kind = .refusedMessage
            }
        default: return other(detail)
        }
        return Failure(kind, detail, scope: .endpoint, code: words)
    }

    private func data(_ detail: String, at now: Timestamp) -> Failure {
        switch code {
        case 450, 451, 452: Failure(.throttled, detail, code: words, until: now + Self.rest)
        case 400..<500: Failure(.unavailable, detail, code: words)
        case 500..<600: Failure(.refusedMessage, detail, code: words)
        default: Failure(.ambiguous, detail, code: words)  // it said go on, and then nothing that can be read
        }
    }

    private func other(_ detail: String) -> Failure {
        switch code {
        case 500..<600: Failure(.refusedMessage, detail, code: words)
        default: Failure(.unavailable, detail, code: words)  // nothing of the message had left
        }
    }

    private func has(_ statuses: String...) -> Bool { enhanced.map(statuses.contains) ?? false }
}
