import WaypostCore
import WaypostHTTP
import WaypostJSON

extension MessageBird {
    package func result(of reply: TransportReply, for context: AttemptContext) -> ExchangeResult {
        guard case .http(let response) = reply else { return .failed(Failure.foreignReply) }
        let body = try? JSONValue(parsing: response.body)
        if let errors = MessageBirdErrors(in: body) {
            let detail = redaction.sentence(errors.summary(status: response.status), errors.words)
            let asked = RetryAfter.moment(in: response.headers, after: context.startedAt)
            return .failed(
                errors.failure(detail, status: response.status, until: asked), httpStatus: response.status)
        }
        // A call stands in a list of one.
        let id = body?["id"]?.string ?? body?["data"]?[0]?["id"]?.string
        guard [200, 201, 202].contains(response.status), let id, !id.isEmpty else {
            let asked = RetryAfter.moment(in: response.headers, after: context.startedAt)
            let flaw = (200..<300).contains(response.status) ? " without an id" : ""
            return .failed(
                .answered(response.status, "MessageBird answered \(response.status)\(flaw)", until: asked),
                httpStatus: response.status)
        }
        return ExchangeResult(.accepted(reference: id), httpStatus: response.status)
    }
}

/// What `{"errors": [{"code", "description", "parameter"}]}` says; the voice API writes `message` for `description`.
struct MessageBirdErrors: Equatable {
    private struct Item: Equatable {
        let code: Int?
        let words: String?
        let parameter: String?

        /// Nobody can be reached under the number.
        var blamesRecipient: Bool { code == 9 && (parameter == "recipient" || parameter == "recipients") }
    }

    private let items: [Item]

    /// nil for a body that reports no error.
    init?(in body: JSONValue?) {
        guard let errors = body?["errors"]?.array, !errors.isEmpty else { return nil }
        items = errors.map { error in
            Item(
                code: error["code"]?.integer.flatMap { Int(exactly: $0) },
                words: error["description"]?.string ?? error["message"]?.string, parameter: error["parameter"]?.string)
        }
    }

    /// Where something else is wrong as well, the recipient is not to blame alone.
    private var decisive: Item? { items.first { !$0.blamesRecipient } ?? items.first }

    var words: String? {
        let words = items.compactMap(\.words).filter { !$0.isEmpty }
        return words.isEmpty ? nil : words.joined(separator: "; ")
    }

    /// "MessageBird answered 422 with code 9".
    func summary(status: Int) -> String {
        "MessageBird answered \(status)\(decisive?.code.map { " with code \($0)" } ?? "")"
    }

    /// `resumeAt` is what the answer itself asked for. The code decides, but for answers that were not about the request.
    func failure(_ detail: String, status: Int, until resumeAt: Timestamp?) -> Failure {
        let words = decisive?.code.map(String.init)
        guard status != 429, status < 500, let item = decisive else {
            return .answered(status, detail, code: words, until: resumeAt)
        }
        switch item.code {
        case 2, 25, 98: return Failure(.misconfigured, detail, scope: .account, code: words)
        case 9 where item.blamesRecipient: return .recipientRefused(detail, code: words, .invalidAddress)
        case 10 where item.parameter == "originator": return Failure(.unsuitable, detail, code: words)
        case 9, 10, 20, 21: return Failure(.refusedMessage, detail, code: words)
        case 99: return Failure(.ambiguous, detail, code: words)
        default: return .answered(status, detail, code: words, until: resumeAt)
        }
    }
}
