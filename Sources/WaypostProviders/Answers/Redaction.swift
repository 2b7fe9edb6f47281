import WaypostConfiguration

/// Makes a provider's own words fit for logs and the API: without our credentials, without email addresses and telephone
/// numbers (personal data), on one line and short.
struct Redaction: Sendable {
    /// In characters; what is cut off is marked by an ellipsis.
    static let longest = 200

    private let secrets: [Secret]
    private let hidesDigits: Bool

    /// `secrets`: all that must never be repeated, however a provider came by it. `hidesDigits`: the provider writes
    /// telephone numbers without their plus sign as well, so that bare runs of 9 digits and more are taken for some.
    init(_ secrets: [Secret], hidesDigits: Bool = false) {
        self.secrets = secrets.filter { !$0.value.isEmpty }
        self.hidesDigits = hidesDigits
    }

    /// What may be repeated of `text`.
    func quote(_ text: String) -> String {
        var text = text
        for secret in secrets { text = text.replacing(secret.value, with: "***") }
        // Addresses go before the cut: half an address is still one.
        let line = PhoneNumberMask(hidesDigits: hidesDigits).masked(
            Self.withoutAddresses(text.replacing("%40", with: "@")))
        return line.count <= Self.longest ? line : line.prefix(Self.longest - 1) + "…"
    }

    /// `prefix`, and what may be repeated of `text` where there is any.
    func sentence(_ prefix: String, _ text: String?) -> String {
        guard let text, !text.isEmpty else { return prefix }
        return "\(prefix): \(quote(text))"
    }

    /// Each address (also in angle brackets) becomes `<address>`, each control character a blank.
    private static func withoutAddresses(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var clean = String.UnicodeScalarView()
        var position = 0
        for at in scalars.indices where scalars[at] == "@" && at >= position {
            let start = localPartStart(in: scalars, before: at, from: position)
            var end = domainEnd(in: scalars, after: at)
            guard start < at, end > at + 1 else { continue }
            append(scalars[position..<start])
            if clean.last == "<", end < scalars.count, scalars[end] == ">" {
                clean.removeLast()
                end += 1
            }
            clean.append(contentsOf: "<address>".unicodeScalars)
            position = end
        }
        append(scalars[position...])
        return String(clean)

        func append(_ part: ArraySlice<Unicode.Scalar>) {
            for scalar in part {
                clean.append(scalar.properties.generalCategory == .control ? " " : scalar)
            }
        }
    }

    private static func localPartStart(in scalars: [Unicode.Scalar], before at: Int, from limit: Int) -> Int {
        var start = at
        if at > limit, scalars[at - 1] == "\"",
            let quote = scalars[limit..<at - 1].lastIndex(of: "\"")  // "a b"@example.com
        {
            return quote
        }
        while start > limit, isLocal(scalars[start - 1]) { start -= 1 }
        return start
    }

    private static func domainEnd(in scalars: [Unicode.Scalar], after at: Int) -> Int {
        var end = at + 1
        if end < scalars.count, scalars[end] == "[" {  // a@[192.0.2.1]
            return (scalars[end...].firstIndex(of: "]") ?? end - 1) + 1
        }
        while end < scalars.count, isDomain(scalars[end]) { end += 1 }
        while end > at + 1, scalars[end - 1] == "." { end -= 1 }  // a sentence's full stop
        return end
    }

    private static func isDomain(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "." || scalar == "-" || scalar.value >= 0x80 || isLetterOrDigit(scalar)
    }

    private static func isLocal(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x80 || isLetterOrDigit(scalar) || ".!#$%&'*+/=?^_`{|}~-".unicodeScalars.contains(scalar)
    }

    private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": true
        default: false
        }
    }
}
