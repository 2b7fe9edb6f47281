import WaypostCore

extension Email {
    /// The headers beyond the structural ones, in order: the client's, without those that we or a provider write, then the
    /// pair that makes unsubscribing one click (RFC 8058).
    var furtherHeaders: [Header] {
        var further = headers.filter { header in
            let name = header.name.lowercased()
            return !Self.ownHeaders.contains(name) && !name.hasPrefix("content-") && Self.isName(header.name)
                && !(unsubscribeURL != nil && Self.unsubscribeHeaders.contains(name))
        }
        if let unsubscribeURL {
            further.append(Header(name: "List-Unsubscribe", value: "<\(Self.escaped(unsubscribeURL))>"))
            further.append(Header(name: "List-Unsubscribe-Post", value: "List-Unsubscribe=One-Click"))
        }
        return further
    }

    /// How large the message is once it is encoded, in bytes, a little too high rather than too low: what size limits mean.
    var encodedSize: Int {
        let texts = ((text?.utf8.count ?? 0) + (html?.utf8.count ?? 0)) * 3 / 2
        let files = attachments.reduce(0) { $0 + $1.base64.utf8.count / 76 * 78 + $1.filename.utf8.count * 3 + 400 }
        return texts + files + headers.reduce(4096) { $0 + $1.name.utf8.count + $1.value.utf8.count * 3 }
    }

    /// Whether any of its addresses needs SMTPUTF8; `sender` is the one that is really used.
    func needsUTF8(sender: Mailbox) -> Bool {
        var addresses = to + cc + bcc + [sender]
        if let replyTo { addresses.append(replyTo) }
        return addresses.contains { EmailAddress.needsUTF8($0.email) }
    }

    /// Whether the unsubscribe URL fits on a line of a header: it cannot be folded, and must not be encoded.
    var unsubscribeURLFits: Bool { (unsubscribeURL ?? "").utf8.count < HeaderText.longestWord - 10 }

    /// RFC 5322 section 2.2; other names were refused when the message was taken in.
    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ":") }
    }

    /// SendGrid's list of forbidden ones, what MIME and SES write themselves, and what carries our ids.
    private static let ownHeaders: Set<String> = [
        "bcc", "cc", "date", "dkim-signature", "from", "message-id", "mime-version", "received", "reply-to",
        "return-path", "sender", "subject", "to", "x-sg-eid", "x-sg-id", "x-waypost-attempt", "x-waypost-id",
    ]
    private static let unsubscribeHeaders: Set<String> = ["list-unsubscribe", "list-unsubscribe-post"]

    /// A URL that holds nothing that could end its angle brackets or its header.
    private static func escaped(_ url: String) -> String {
        var text = ""
        for byte in url.utf8 {
            if byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "<"), byte != UInt8(ascii: ">") {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return text
    }
}
