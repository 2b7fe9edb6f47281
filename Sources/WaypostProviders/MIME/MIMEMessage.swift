import WaypostCore

/// An email in the form of RFC 5322: one value for SMTP and for SES Raw.
///
/// To and Cc name everybody the client named, whoever of them this attempt is for: all see the same message. Bcc is never
/// written. The message id is made of our own id alone, so a second attempt carries the same one and a receiver may drop the
/// double; which attempt it was stands in `X-Waypost-Attempt`.
struct MIMEMessage {
    /// CRLF line ends, no line over 998 octets (78 wherever a token allows), ASCII unless `needsUTF8`.
    let bytes: [UInt8]
    /// An address in its headers is internationalised (RFC 6532): only a server with SMTPUTF8 takes it.
    let needsUTF8: Bool

    /// `date` is when it is sent.
    init(_ email: Email, from sender: Mailbox, id: MessageID, attempt: AttemptID, date: Timestamp) {
        var headers = HeaderWriter()
        headers.add("Date", Self.date(date))
        headers.add("Message-ID", "<\(id)@\(EmailAddress.domain(of: sender.email))>")
        headers.add("X-Waypost-Id", "\(id)")
        headers.add("X-Waypost-Attempt", "\(attempt)")
        headers.add("MIME-Version", "1.0")
        headers.add("From", HeaderText.mailbox(sender.wire))
        if let replyTo = email.replyTo { headers.add("Reply-To", HeaderText.mailbox(replyTo.wire)) }
        headers.add("To", HeaderText.mailboxes(email.to.map(\.wire)))
        if !email.cc.isEmpty { headers.add("Cc", HeaderText.mailboxes(email.cc.map(\.wire))) }
        headers.add("Subject", HeaderText.unstructured(email.subject))
        for header in email.furtherHeaders { headers.add(header.name, HeaderText.unstructured(header.value)) }

        var bytes: [UInt8] = []
        bytes.reserveCapacity(email.encodedSize)
        bytes.append(contentsOf: headers.bytes)
        MIMEPart(email, tag: "\(id)").append(to: &bytes)
        bytes.append(contentsOf: "\r\n".utf8)
        self.bytes = bytes
        needsUTF8 = email.needsUTF8(sender: sender)
    }

    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]  // 1970-01-01 was a Thursday

    /// `Wed, 15 Jan 2025 12:00:00 +0000` (RFC 5322 section 3.3).
    private static func date(_ time: Timestamp) -> String {
        let (year, month, day, second) = time.civil
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let days = (Int(time.unixSeconds) - second) / 86_400
        return "\(weekdays[(days % 7 + 7) % 7]), \(day) \(HTTPDate.months[month - 1]) \(year) "
            + "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60)) +0000"
    }
}
