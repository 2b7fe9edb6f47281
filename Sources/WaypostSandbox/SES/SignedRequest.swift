import WaypostHTTP

/// The canonical form of a request under AWS Signature Version 4, from what was received.
///
/// Written from https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html and not from
/// the product's signer. The path is encoded once more, as every service but S3 wants it.
enum SignedRequest {
    /// The text whose hash is signed. `signedHeaders` in the order of the Authorization header.
    static func canonical(_ request: HTTPRequest, signedHeaders: [Substring], payloadHash: String) -> String {
        var text = "\(request.method)\n\(path(request.path))\n\(query(request.query))\n"
        for name in signedHeaders {
            let values = request.headers.all(String(name)).map(collapsed)
            text += "\(name):\(values.joined(separator: ","))\n"
        }
        return text + "\n\(signedHeaders.joined(separator: ";"))\n\(payloadHash)"
    }

    private static func path(_ path: Substring) -> String {
        var segments: [Substring] = []
        for segment in path.split(separator: "/", omittingEmptySubsequences: true) {
            switch segment {
            case ".": continue
            case "..": _ = segments.popLast()
            default: segments.append(segment)
            }
        }
        let encoded = segments.map { PercentEncoding.encode($0) }.joined(separator: "/")
        return segments.isEmpty || !path.hasSuffix("/") ? "/\(encoded)" : "/\(encoded)/"
    }

    private static func query(_ query: Substring) -> String {
        let pairs = query.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: parts[0], value: parts.count > 1 ? parts[1] : "")
        }
        let sorted = pairs.sorted { left, right in
            left.name == right.name
                ? left.value.utf8.lexicographicallyPrecedes(right.value.utf8)
                : left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
        }
        return sorted.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    /// Trimmed, and runs of blanks as one.
    private static func collapsed(_ value: String) -> String {
        value.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
    }
}
