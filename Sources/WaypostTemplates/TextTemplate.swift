import Mustache
import WaypostJSON

/// A text of the configuration with places for a client's variables, in Mustache: `{{name}}`, `{{#list}}…{{/list}}`,
/// `{{^name}}…{{/name}}`. There are no partials, and a variable is never code.
///
/// https://mustache.github.io/mustache.5.html
package struct TextTemplate: Equatable, Sendable {
    /// What the text is, and so what becomes of a variable in it.
    package enum Form: Equatable, Sendable {
        /// Variables stand as they were sent.
        case plain
        /// `<`, `>`, `&` and quotes of variables are written as entities, but for `{{{name}}}`.
        case html
    }

    /// Why a text is no template, worded to follow its name.
    package struct Flaw: Error, Equatable, Sendable {
        package let complaint: String
        package let wayOut: String
    }

    /// What came of putting variables into the text.
    package enum Outcome: Equatable, Sendable {
        case text(String)
        /// Names that the text needs and nobody gave, each as the steps that lead to it among the variables.
        case missing([[String]])
        /// The variables would have made more of it than anybody can want.
        case tooMuch
    }

    package let source: String
    package let form: Form
    private let template: MustacheTemplate

    /// Bytes of a finished text. No message is so long; it bounds what a client can make of a list.
    package static let outputLimit = 4 << 20

    package init(_ source: String, form: Form = .plain) throws(Flaw) {
        if let partial = ["{{>", "{{<", "{{$"].first(where: source.contains) {
            throw Flaw(complaint: "holds \(partial), and there are no partials", wayOut: "write the text out")
        }
        ScalarEscaping.register()
        let type = form == .html ? ScalarEscaping.name : "TEXT"
        do {
            // On a line of its own, which vanishes as a whole, so that the text begins as if it stood alone.
            template = try MustacheTemplate(string: "{{% CONTENT_TYPE: \(type)}}\n" + source)
        } catch {
            throw Flaw(error)
        }
        self.source = source
        self.form = form
    }

    /// - Parameter variables: an object.
    package func render(_ variables: JSONValue) -> Outcome {
        // A list repeats the text within it: as many rounds as keep the text itself within bounds.
        let rounds = max(64, min(10_000, 8 * Self.outputLimit / (source.utf8.count + 1)))
        let tally = Tally(bytes: Self.outputLimit, rounds: rounds)
        let text = template.render(Variable(variables, tally: tally, isEntered: true))
        if tally.isOver || text.utf8.count > Self.outputLimit { return .tooMuch }
        return tally.missing.isEmpty ? .text(text) : .missing(tally.missing)
    }

    package static func == (left: TextTemplate, right: TextTemplate) -> Bool {
        left.source == right.source && left.form == right.form
    }
}

extension TextTemplate.Flaw {
    init(_ error: any Error) {
        let (place, cause): (String, (any Error)?) =
            if let error = error as? MustacheTemplate.ParserError {
                // Ours is the first line.
                (", at line \(max(1, error.context.lineNumber - 1))", error.error)
            } else {
                ("", error)
            }
        let (text, wayOut) =
            switch cause as? MustacheTemplate.Error {
            case .sectionCloseNameIncorrect:
                ("a section is closed that is not the one open", "close it by its own name")
            case .expectedSectionEnd: ("a section is not closed", "close it with {{/name}}")
            case .unfinishedName:
                ("a tag is not finished, or its name is none", "write {{name}}, of A-Z, a-z, 0-9, _ and -")
            case .invalidSetDelimiter: ("delimiters are not well set", "write {{=<% %>=}}")
            case .invalidConfigVariableSyntax, .unrecognisedConfigVariable:
                ("a pragma is not known", "remove the tag that begins with {{%")
            default: ("a tag is not finished", "write {{name}}")
            }
        self.init(complaint: "is no template: \(text)\(place)", wayOut: wayOut)
    }
}

/// HTML's five characters as entities, scalar by scalar: a letter with a combining mark behind it is one character to Swift,
/// and to a browser still the quote that ends an attribute.
struct ScalarEscaping: MustacheContentType {
    static let name = "HTML-SCALARS"
    private static let registered: Void = MustacheContentTypes.register(ScalarEscaping(), named: name)

    /// Makes the name known to the pragma of the same.
    static func register() { registered }

    func escapeText(_ text: String) -> String {
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count + 32)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "&": escaped += "&amp;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
