import WaypostJSON

/// The form of a request to Twilio, checked parameter by parameter; the first thing wrong is the answer.
///
/// Twilio passes over parameters that it does not know. Here they are refused, so that a misspelt one shows.
struct TwilioForm {
    let fields: FormFields
    private(set) var problem: TwilioError?

    init(_ fields: FormFields) { self.fields = fields }

    /// The value of a parameter; nil where it is missing or empty.
    subscript(name: String) -> String? { fields[name].flatMap { $0.isEmpty ? nil : $0 } }

    func has(_ name: String) -> Bool { fields[name] != nil }

    mutating func refuse(_ code: Int, _ message: @autoclosure () -> String) {
        if problem == nil { problem = TwilioError(400, code, message()) }
    }

    /// The names that may stand once, and those that may repeat.
    mutating func allow(_ names: [String], repeated: [String]) {
        var seen: Set<String> = []
        for field in fields.fields where !repeated.contains(field.name) {
            guard names.contains(field.name) else {
                return refuse(20_001, "Unknown parameter: \(field.name)")
            }
            guard seen.insert(field.name).inserted else {
                return refuse(20_001, "The parameter \(field.name) was given twice")
            }
        }
    }

    mutating func choice(_ name: String, _ choices: [String], code: Int = 20_001) {
        for value in fields.all(name) where !choices.contains(value) {
            refuse(code, "Invalid \(name) '\(value)': it must be one of \(choices.joined(separator: ", "))")
        }
    }

    mutating func flags(_ names: [String]) { for name in names { choice(name, ["true", "false"]) } }

    mutating func number(_ name: String, _ range: ClosedRange<Int>, code: Int = 20_001) {
        guard let text = fields[name] else { return }
        guard text.isDigits, let number = Int(text), range.contains(number) else {
            return refuse(code, "Invalid \(name): it must be \(range.lowerBound) to \(range.upperBound)")
        }
    }

    mutating func addresses(_ name: String, code: Int = 20_001) {
        for value in fields.all(name) where !value.looksLikeWebAddress {
            refuse(code, "Invalid \(name): '\(value)' is not a URL that could be called")
        }
    }

    /// Two letters and 32 hexadecimal digits.
    mutating func sid(_ name: String, _ prefix: String, code: Int = 20_001) {
        guard let text = fields[name], !text.isSid(prefix) else { return }
        refuse(code, "The \(name) '\(text)' is invalid: it must be \(prefix) and 32 hexadecimal digits")
    }

    mutating func length(_ name: String, _ maximum: Int, code: Int = 21_658) {
        guard let text = fields[name], text.unicodeScalars.count > maximum else { return }
        refuse(code, "The parameter \(name) exceeds the \(maximum) character limit")
    }
}

extension String {
    /// Whether it is one of Twilio's ids with that prefix.
    func isSid(_ prefix: String) -> Bool { hasPrefix(prefix) && String(dropFirst(prefix.count)).isHexadecimal(32) }
}
