import WaypostHTTP
import WaypostJSON

/// A refusal as MessageBird words it: `{"errors":[{"code","description","parameter"}]}`; its voice API has another form.
///
/// https://developers.messagebird.com/api/#api-errors
struct MessageBirdError: Error, Equatable, Sendable {
    var code: Int
    var description: String
    /// What is wrong, by its name in the request.
    var parameter: String?

    init(_ code: Int, _ description: String, parameter: String? = nil) {
        self.code = code
        self.description = description
        self.parameter = parameter
    }

    static let unauthorized = MessageBirdError(
        2, "Request not allowed (incorrect access_key)", parameter: "access_key")

    /// What MessageBird numbers an answer of that status, for faults that do not say it; the status itself where no
    /// number is known.
    static func code(of status: Int) -> Int {
        switch status {
        case 400, 405: 21
        case 401, 403: 2
        case 402: 25
        case 404: 20
        case 422: 10
        case 500...599: 99
        default: status
        }
    }

    /// `isVoice`: as `voice.messagebird.com` writes them.
    static func response(_ status: Int, _ errors: [MessageBirdError], isVoice: Bool) -> HTTPResponse {
        var json = JSONWriter()
        json.object { json in
            if isVoice { json.null("data") }
            json.array("errors") { json in
                for error in errors {
                    json.object { json in
                        json.member("code", error.code)
                        json.member(isVoice ? "message" : "description", error.description)
                        guard !isVoice else { return }
                        json.name("parameter")
                        json.element(.optional(error.parameter))
                    }
                }
            }
        }
        return .json(status, json.bytes)
    }
}

extension Shape {
    /// What was found wrong, in MessageBird's numbers: 9 for what is missing, 10 for what is wrong. A fault of the
    /// recipients is 9 and speaks of one of them.
    var messageBirdErrors: [MessageBirdError] {
        problems.map { problem in
            let name = problem.path.prefix { $0 != "." }
            if name == "recipients" {
                return MessageBirdError(
                    9, "no (correct) recipients found: \(problem.path) \(problem.complaint)", parameter: "recipient")
            }
            return MessageBirdError(
                problem.complaint == "is required" ? 9 : 10, "\(problem.path) \(problem.complaint)",
                parameter: name == "the body" ? nil : String(name))
        }
    }

    /// A whole `http` or `https` URL.
    mutating func webAddress(_ value: JSONValue?, _ path: String, required: Bool = false) {
        guard let text = string(value, path, required: required), !text.looksLikeWebAddress else { return }
        complain(path, "is not a URL that could be called")
    }

    mutating func word(_ value: JSONValue?, _ path: String, of words: [String], required: Bool = false) {
        guard let text = string(value, path, required: required), !words.contains(text) else { return }
        complain(path, "must be one of \(words.joined(separator: ", "))")
    }

    mutating func integer(_ value: JSONValue?, _ path: String, in range: ClosedRange<Int64>) {
        guard let number = integer(value, path), !range.contains(number) else { return }
        complain(path, "must be \(range.lowerBound) to \(range.upperBound)")
    }

    mutating func time(_ value: JSONValue?, _ path: String) {
        guard let text = string(value, path), CivilTime.milliseconds(text) == nil else { return }
        complain(path, "must be a time of RFC 3339, like 2025-01-15T12:00:00+00:00")
    }

    /// `en-gb`, with the letters of its parts in any case.
    mutating func language(_ value: JSONValue?, _ path: String) {
        guard let text = string(value, path) else { return }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let isLanguage =
            parts.count == 2 && (2...3).contains(parts[0].count) && (2...3).contains(parts[1].count)
            && parts.allSatisfy { $0.allSatisfy { $0.isASCII && $0.isLetter } }
        if !isLanguage { complain(path, "must be a language and a country, like en-gb") }
    }
}
