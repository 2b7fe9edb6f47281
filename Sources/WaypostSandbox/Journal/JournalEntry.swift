import WaypostJSON

/// One message that a stand-in was sent, or one request without any.
package struct JournalEntry: Equatable, Sendable {
    /// From 1, without gaps; also the cursor.
    package var sequence = 0
    /// Entries of one request share it: a SendGrid request may carry many messages.
    package var request: Int
    package var provider: StandIn
    /// What was asked: `mail.send`, `account`, `mail`.
    package var operation: String
    /// Wall clock, milliseconds since 1970.
    package var wallMilliseconds: Int64
    /// Milliseconds since the sandbox started, by the monotonic clock.
    package var monotonicMilliseconds: Int64
    /// `waypost_message`, X-Waypost-Id in mail, `n` in the callback's query, MessageBird's `reference` or `trackId`; nil
    /// when there was none.
    package var message: String?
    /// `waypost_attempt`, or X-Waypost-Attempt in mail, or the part of Message-ID behind the dot, or `a` in the callback's
    /// query.
    package var attempt: String?
    package var recipients: Int
    /// Whether the stand-in took responsibility for the message.
    package var isTaken: Bool
    /// The status or reply code that was sent; nil when none was.
    package var answer: Int?
    package var connection: Int
    /// HTTP/2 only.
    package var stream: Int?
    /// The number of the fault that struck.
    package var fault: Int?
    /// The stand-in's own id for what it took: X-Message-Id, MessageId, the queue id.
    package var reference: String?

    /// As the control API shows it.
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("seq", sequence)
            json.member("request", request)
            json.member("provider", provider.rawValue)
            json.member("operation", operation)
            json.member("at_ms", wallMilliseconds)
            json.member("monotonic_ms", monotonicMilliseconds)
            json.member("message_id", ifPresent: message)
            json.member("attempt_id", ifPresent: attempt)
            json.member("recipients", recipients)
            json.member("taken", isTaken)
            if let answer { json.member("answered", answer) } else { json.null("answered") }
            json.member("connection", connection)
            if let stream { json.member("stream", stream) }
            if let fault { json.member("fault", fault) } else { json.null("fault") }
            json.member("reference", ifPresent: reference)
        }
    }
}

/// One message within a request, for as many recipients as it has there.
package struct Take: Equatable, Sendable {
    package var message: String?
    package var attempt: String?
    /// Addresses as written; they are compared without case and only their hashes are kept.
    package var recipients: [String]
}
