import WaypostCore
import WaypostHTTP

/// What callbacks about texts and calls have in common: our ids in the query, and numbers in many spellings.
extension Callback {
    var query: FormFields? { FormFields(request.query.utf8) }

    /// nil for a body that is no form.
    var form: FormFields? {
        guard request.isOfType(FormBody.contentType) else { return nil }
        return FormFields(request.body)
    }
}

extension HTTPRequest {
    /// Whether the body is said to be of that media type; its parameters aside.
    func isOfType(_ type: String) -> Bool {
        guard let value = headers["Content-Type"] else { return false }
        let name = value.prefix { $0 != ";" }.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined()
        return name.equalsIgnoringCase(type)
    }
}

extension Receipt {
    /// Takes our ids from the query that `AttemptContext.callbackURL` wrote.
    mutating func takeIDs(from query: FormFields?) {
        message = query?["n"].flatMap { MessageID($0) }
        attempt = query?["a"].flatMap { AttemptID($0) }
    }

    /// A failure, with what it says about the address and by its code.
    mutating func fail(_ failure: Failure) {
        news = .failed(failure)
        code = failure.providerCode ?? code
        detail = failure.detail
        suppression = failure.suppression
    }
}

/// Whom a callback names: a number with or without its plus sign, a short code, an alphanumeric sender; with the channel's
/// name before it where Twilio writes one.
struct PhoneParty: Equatable {
    /// E.164 where it is a number, else as it came.
    let text: String
    let isNumber: Bool
    let isWhatsApp: Bool

    init(_ text: String) {
        var rest = text[...]
        if let colon = text.firstIndex(of: ":") { rest = text[text.index(after: colon)...] }
        isWhatsApp = text.hasPrefix("whatsapp:")
        // Fewer digits without a plus sign are a short code.
        let hasPlus = rest.hasPrefix("+")
        if let number = try? PhoneNumber(hasPlus ? String(rest) : "+\(rest)") {
            self.text = number.text
            isNumber = true
        } else {
            self.text = String(rest)
            isNumber = false
        }
    }

    /// What a receipt names as its address: numbers alone.
    var address: String? { isNumber ? text : nil }
}
