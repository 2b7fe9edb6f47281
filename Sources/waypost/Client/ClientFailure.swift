import WaypostJSON

/// Why a router did not do what was asked: a line for people, which says what to do.
enum ClientFailure: Error, Equatable {
    /// A problem as the router answers it (RFC 9457).
    struct Refusal: Equatable {
        var status: Int
        var detail: String
        /// Each with where it stands, as a JSON pointer or the like.
        var findings: [String] = []
        /// Seconds, as the router said.
        var retryAfter: String?
        var hadToken = false
    }

    case notAURL(String)
    /// Surely nothing arrived.
    case unreachable(url: String, detail: String)
    /// It may have arrived; `key` is the one under which it can be asked again.
    case broken(url: String, detail: String, key: String?)
    case refused(Refusal)
    /// Not an answer of a router.
    case strange(url: String, status: Int)
    /// Somebody wants to leave.
    case interrupted
    /// Something of the command's own, in words.
    case own(String)

    init(_ answer: Client.Answer, url: String, hadToken: Bool) {
        let problem = answer.json
        guard problem["code"] != nil, let detail = problem["detail"]?.string else {
            self = .strange(url: url, status: answer.status)
            return
        }
        let findings = (problem["errors"]?.array ?? []).map { finding in
            let pointer = finding["pointer"]?.string ?? ""
            return (pointer.isEmpty ? "the body" : pointer) + " " + (finding["detail"]?.string ?? "cannot be right")
        }
        self = .refused(
            Refusal(
                status: answer.status, detail: detail, findings: findings, retryAfter: answer.headers["Retry-After"],
                hadToken: hadToken))
    }

    /// Nobody can tell whether it was taken.
    var mayHaveArrived: Bool { if case .broken = self { true } else { false } }

    /// Of a second try after one that may have arrived: names the key under which it can be asked again, also where nobody
    /// is there any more.
    func repeatable(under key: String?) -> ClientFailure {
        switch self {
        case .broken(let url, let detail, _), .unreachable(let url, let detail):
            .broken(url: url, detail: detail, key: key)
        default: self
        }
    }

    /// One line, whatever the router's words hold.
    var line: String { words.printable }

    private var words: String {
        switch self {
        case .notAURL(let text): "\"\(text)\" is not a URL; write it like http://127.0.0.1:8080"
        case .unreachable(let url, let detail):
            "no router answers at \(url) (\(detail)); start it, or say where it is by --url or WAYPOST_URL"
        case .broken(let url, let detail, let key?):
            "\(url) broke off, and did not answer again (\(detail)); it may have been taken: ask again with --idempotency-key \(key)"
        case .broken(let url, let detail, nil):
            "\(url) gave no whole answer (\(detail)); what was to be changed may be changed, so look first"
        case .refused(let refusal): refusal.words
        case .strange(let url, let status): "\(url) answered \(status) and is no router of ours; check --url"
        case .interrupted: "interrupted"
        case .own(let text): text
        }
    }
}

extension ClientFailure.Refusal {
    fileprivate var words: String {
        switch status {
        case 401 where hadToken: "the router does not take this token; check --token or WAYPOST_TOKEN"
        case 401: "the router wants to know who asks; give a token by --token or WAYPOST_TOKEN"
        case 403:
            detail
                + (hadToken ? " Use another by --token or WAYPOST_TOKEN" : " Give a token by --token or WAYPOST_TOKEN")
        default: (findings.isEmpty ? detail : findings.joined(separator: "; ")) + patience
        }
    }

    private var patience: String { retryAfter.map { " (try again in \($0) s)" } ?? "" }
}
