/// The text a scraper gets, chosen by its `Accept` (Prometheus, "Content negotiation").
package enum MetricsFormat: Equatable, Sendable {
    /// Prometheus text 0.0.4: what everybody can read.
    case text
    /// OpenMetrics 1.0; the answer names the escaping of names where the scraper did.
    case openMetrics(namesEscaping: Bool)

    package var contentType: String {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics(false): "application/openmetrics-text; version=1.0.0; charset=utf-8"
        // No name of ours needs any escaping, so the plainest is true.
        case .openMetrics(true): "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
        }
    }

    /// The format that the scraper likes best among those we have; the first named wins a tie, and whoever accepts
    /// neither gets text: a page that cannot be read says more than none.
    package static func negotiate(accept: String?) -> MetricsFormat {
        var best = MetricsFormat.text
        var bestQuality = 0.0
        for item in split(accept ?? "", at: ",") {
            let parts = split(item, at: ";").map { trimmed($0) }
            let parameters = parts.dropFirst().map { part in
                let pair = part.split(separator: "=", maxSplits: 1).map { trimmed($0) }
                return (name: pair.first?.lowercased() ?? "", value: pair.count > 1 ? unquoted(pair[1]) : "")
            }
            func value(_ name: String) -> String? { parameters.first { $0.name == name }?.value }

            let format: MetricsFormat
            switch (parts.first?.lowercased(), value("version")) {
            case ("application/openmetrics-text", nil), ("application/openmetrics-text", "1.0.0"):
                format = .openMetrics(namesEscaping: value("escaping") != nil)
            case ("text/plain", nil), ("text/plain", "0.0.4"), ("text/*", _), ("*/*", _): format = .text
            default: continue
            }
            let quality = value("q").map { Double($0) ?? 0 } ?? 1
            if quality > bestQuality, quality <= 1 { (best, bestQuality) = (format, quality) }
        }
        return best
    }

    /// Parts at the separator, which counts for nothing within quotes.
    private static func split(_ text: some StringProtocol, at separator: Character) -> [Substring] {
        var isQuoted = false
        return Substring(text).split { character in
            if character == "\"" { isQuoted.toggle() }
            return character == separator && !isQuoted
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        guard let first = text.firstIndex(where: { !isSpace($0) }), let last = text.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return text[first...last]
    }

    private static func unquoted(_ text: Substring) -> String {
        text.count > 1 && text.hasPrefix("\"") && text.hasSuffix("\"")
            ? String(text.dropFirst().dropLast()) : String(text)
    }
}
