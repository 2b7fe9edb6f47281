/// One email as the client described it; the envelope's recipients stand in the deliveries too.
package struct Email: Equatable, Sendable {
    /// Overrides the provider's sender.
    package var from: Mailbox?
    package var replyTo: Mailbox?
    package var to: [Mailbox]
    package var cc: [Mailbox] = []
    package var bcc: [Mailbox] = []
    package var subject: String
    package var text: String?
    package var html: String?
    /// Further headers; names and values are checked when the message is taken in: no CR, LF or NUL, no structural name.
    package var headers: [Header] = []
    package var attachments: [Attachment] = []
    package var tracking = Tracking()
    /// Adds List-Unsubscribe and List-Unsubscribe-Post (RFC 8058).
    package var unsubscribeURL: String?

    package init(to: [Mailbox], subject: String) {
        self.to = to
        self.subject = subject
    }

    /// A header of the message, in the order given.
    package struct Header: Equatable, Sendable {
        package var name: String
        package var value: String
        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A file, or an image shown within the HTML where `inlineID` is set (`cid:`).
    package struct Attachment: Equatable, Sendable {
        package var filename: String
        package var contentType: String
        /// Canonical base 64 (RFC 4648, padded, no white space), checked when the message is taken in.
        package var base64: String
        package var inlineID: String?
        package init(filename: String, contentType: String, base64: String, inlineID: String? = nil) {
            self.filename = filename
            self.contentType = contentType
            self.base64 = base64
            self.inlineID = inlineID
        }
    }

    /// nil leaves the provider's own setting.
    package struct Tracking: Equatable, Sendable {
        package var opens: Bool?
        package var clicks: Bool?
        package var unsubscribe: Bool?
        package init(opens: Bool? = nil, clicks: Bool? = nil, unsubscribe: Bool? = nil) {
            self.opens = opens
            self.clicks = clicks
            self.unsubscribe = unsubscribe
        }
    }
}

/// An address with the name shown beside it.
package struct Mailbox: Equatable, Sendable {
    package var email: String
    package var name: String?
    package init(email: String, name: String? = nil) {
        self.email = email
        self.name = name
    }
}
