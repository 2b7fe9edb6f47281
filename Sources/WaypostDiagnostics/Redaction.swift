import WaypostJSON

/// Takes out of a text for others what is nobody's business: addresses, telephone numbers and given secrets.
package struct Redaction: Sendable {
    private let secrets: [String]

    /// `secrets`: to be taken out wherever they stand; short ones are not looked for.
    package init(secrets: [String] = []) { self.secrets = secrets.filter { $0.utf8.count >= 8 } }

    /// The domain of an address stays: it tells of the network and of no person.
    package func mask(_ text: String) -> String {
        var text = text
        for secret in secrets { text = text.replacing(secret, with: "***") }
        return Self.maskNumbers(Self.maskMail(text))
    }

    /// Of all texts in it. What templates say is content, and of people nothing stays but that there is something.
    package func mask(_ value: JSONValue) -> JSONValue { mask(value, isContent: false) }

    private static let contents: Set<String> = ["templates", "metadata", "variables", "subject", "text", "html"]

    private func mask(_ value: JSONValue, isContent: Bool) -> JSONValue {
        switch value {
        case .string(let text): .string(isContent ? "***" : mask(text))
        case .array(let elements): .array(elements.map { mask($0, isContent: isContent) })
        case .object(let members):
            .object(
                members.map { member in
                    .init(
                        mask(member.name),
                        mask(member.value, isContent: isContent || Self.contents.contains(member.name)))
                })
        default: value
        }
    }

    private static func maskMail(_ text: String) -> String {
        var result: [Character] = []
        for character in text {
            if character == "@" {
                let local = result.reversed().prefix { isLocal($0) }.count
                if local > 0 {
                    result.removeLast(local)
                    result += "***"
                }
            }
            result.append(character)
        }
        return String(result)
    }

    private static func isLocal(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || ".!#$%&'*+-/=?^_`{|}~".contains(character)
    }

    /// International ones: a plus and at least seven digits, spaces and such between them.
    private static func maskNumbers(_ text: String) -> String {
        var result = ""
        var rest = Substring(text)
        while let character = rest.popFirst() {
            result.append(character)
            guard character == "+" else { continue }
            let run = rest.prefix { $0.isASCII && $0.isNumber || " -().".contains($0) }
            guard run.count(where: \.isNumber) >= 7, rest.first?.isNumber == true || rest.first == "(" else { continue }
            let tail = run.reversed().prefix { !$0.isNumber }.count
            result += "***"
            rest = rest.dropFirst(run.count - tail)
        }
        return result
    }
}
