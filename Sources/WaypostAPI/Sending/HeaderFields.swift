import WaypostCore
import WaypostJSON

/// `content.headers`: further header fields of an email, as an object from name to value.
enum HeaderFields {
    static let limit = 50
    /// Octets of a name; SES takes no more.
    static let nameBytes = 1...126
    /// Octets of a value; SES takes no more.
    static let valueBytes = 0...995

    static func read(_ reader: inout FieldReader, hasUnsubscribeURL: Bool) -> [Email.Header] {
        var headers: [Email.Header] = []
        var seen: Set<String> = []
        reader.pairs("headers", atMost: limit) { reader, name, value in
            if let flaw = flaw(inName: name, hasUnsubscribeURL: hasUnsubscribeURL) {
                reader.complain(.name(name), flaw)
            } else if !seen.insert(name.lowercased()).inserted {
                reader.complain(.name(name), "stands twice: header names are compared without case")
            } else if let flaw = flaw(inValue: value) {
                reader.complain(.name(name), flaw)
            } else {
                headers.append(.init(name: name, value: value))
            }
        }
        return headers
    }

    /// RFC 5322 section 3.6.8: printable ASCII but the colon.
    private static func flaw(inName name: String, hasUnsubscribeURL: Bool) -> String? {
        guard nameBytes.contains(name.utf8.count),
            name.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ":") })
        else { return "is not a header name: 1 to 126 printable ASCII characters without blanks and colons" }
        let lower = name.lowercased()
        if hasUnsubscribeURL, lower == "list-unsubscribe" || lower == "list-unsubscribe-post" {
            return "must not stand beside unsubscribe_url, which sets it"
        }
        if let instead = elsewhere[lower] { return "is not set here; use \(instead)" }
        if structural.contains(lower) || prefixes.contains(where: { lower.hasPrefix($0) }) {
            return "is set by Waypost or the provider and cannot be given"
        }
        return nil
    }

    private static func flaw(inValue value: String) -> String? {
        guard valueBytes.contains(value.utf8.count) else {
            return "must be at most \(valueBytes.upperBound) bytes long in UTF-8"
        }
        // A tab is white space within a header; everything else below a blank would end or corrupt the line.
        let isClean = value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
        return isClean ? nil : "must not hold control characters or line breaks"
    }

    /// What has a field of its own.
    private static let elsewhere = [
        "from": "from", "to": "to", "cc": "content.cc", "bcc": "content.bcc", "reply-to": "reply_to",
        "subject": "content.subject",
    ]

    /// What makes the message a message (RFC 5322, 2045), says where it has been (RFC 5321), or vouches for it.
    private static let structural: Set = [
        "sender", "date", "message-id", "mime-version", "received", "return-path", "dkim-signature",
        "authentication-results", "x-smtpapi",
    ]

    /// `X-SES-` and `X-SG-` steer one provider alone.
    private static let prefixes = ["content-", "resent-", "arc-", "x-waypost-", "x-ses-", "x-sg-"]
}
