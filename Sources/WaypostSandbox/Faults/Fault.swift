/// Something that goes wrong at a stand-in: what, when within the exchange, and for how many exchanges.
package struct Fault: Equatable, Sendable {
    /// Whether it strikes before the message has been taken, or right after.
    package enum Moment: String, Equatable, Sendable { case before, after }

    /// What goes wrong.
    package enum Effect: Equatable, Sendable {
        /// Another answer than the one deserved; the message is not taken.
        case status(Answer)
        /// Nothing but the delay.
        case delay
        /// No answer ever; the connection stays until the client leaves. Before: HTTP reads the head only.
        case hang(Moment)
        /// RST. Before: in the midst of the body.
        case reset(Moment)
        /// The whole request is read, then FIN without an answer.
        case close(Moment)
        /// HTTP: half of the body is read, then FIN while the client may still be sending; not taken.
        case closeMidBody
        /// The port is shut: connections are refused by the kernel, those that exist are reset.
        case refuse
        /// The message is taken, and the answer cannot be read.
        case garbage(Garbage)
        /// 307 to another place; not taken. nil: a path of the same stand-in that takes nothing and is in the journal.
        case redirect(to: String?)
        /// A good answer that keeps the connection, then its end after `delay`.
        case closeIdle
        /// HTTP/2: RST_STREAM with INTERNAL_ERROR; the connection goes on. Before: the head alone is looked at.
        case resetStream(Moment)
        /// HTTP/2: RST_STREAM with REFUSED_STREAM, which says that the request was not looked at.
        case refuseStream
        /// HTTP/2: GOAWAY with that reason in JSON as its debug data; this stream and those above it were not looked at,
        /// those below are answered, and the connection ends.
        case goAway(reason: String)
        /// HTTP/2: SETTINGS_MAX_CONCURRENT_STREAMS comes down to so many, and stays there as long as the connection; the
        /// request itself is served.
        case limitStreams(Int)
        /// HTTP/2: 503, to APNs' clients with the reason Shutdown, then GOAWAY and the connection's end; not taken.
        case shutdown
    }

    /// What `status` answers.
    package struct Answer: Equatable, Sendable {
        /// An HTTP status or an SMTP reply code, 200 to 599.
        package var status: Int
        /// The provider's word for it: SES's exception name, the number of Twilio or MessageBird, FCM's error code, APNs'
        /// reason. nil: what goes with the status.
        package var error: String?
        /// The body, or the text of an SMTP reply (`4.7.1 greylisted`). nil: the provider's own form of an error.
        package var body: String?
        /// More header fields.
        package var headers: [String: String] = [:]
        /// Adds Retry-After, in seconds.
        package var retryAfter: Int?
        /// Sets SendGrid's X-RateLimit-Reset so many seconds ahead, and X-RateLimit-Remaining to 0.
        package var resetIn: Int?

        package init(_ status: Int) { self.status = status }
    }

    /// How an answer can be unreadable.
    package enum Garbage: String, CaseIterable, Equatable, Sendable {
        /// Its head announces more bytes than come before the end of the connection.
        case truncated
        /// A whole 2xx whose body is no JSON and whose headers lack the provider's id.
        case text
        /// Bytes that are neither HTTP nor SMTP.
        case bytes
    }

    /// Which HTTP requests it concerns.
    package enum Only: String, CaseIterable, Equatable, Sendable { case all, send }

    /// Where in an SMTP conversation it strikes.
    package enum Stage: String, CaseIterable, Equatable, Sendable { case greeting, ehlo, auth, mail, rcpt, data, dot }

    package var provider: StandIn
    package var effect: Effect
    /// Before the effect; where the message is taken, between the take and the answer.
    package var delay: Duration = .zero
    /// HTTP: every request, health checks too, or only those that send.
    package var only = Only.all
    /// SMTP: the command it strikes at.
    package var stage = Stage.dot
    /// Lets so many matching exchanges pass well first.
    package var after = 0
    /// Ends after so many strikes; nil: never by count.
    package var count: Int?
    /// Ends so long after it was set; nil: never by time.
    package var span: Duration?
    /// The part of the matching exchanges that it strikes, above 0 up to 1, chosen by a generator that `seed` fixes.
    package var share = 1.0
    package var seed: UInt64 = 1

    package init(
        _ provider: StandIn, _ effect: Effect, delay: Duration = .zero, count: Int? = nil, for span: Duration? = nil
    ) {
        self.provider = provider
        self.effect = effect
        self.delay = delay
        self.count = count
        self.span = span
    }
}

extension Fault {
    /// What makes this fault impossible, in words for whoever set it; nil when it is possible.
    package var problem: String? {
        if let count, count < 1 { return "count must be at least 1" }
        if let span, span <= .zero { return "for_ms must be at least 1" }
        if after < 0 { return "after must not be negative" }
        if !(share > 0 && share <= 1) { return "share must be above 0 and at most 1" }
        if delay < .zero || delay > .seconds(600) { return "delay_ms must be 0 to 600000" }
        switch effect {
        case .status(let answer):
            guard (200...599).contains(answer.status) else { return "status must be 200 to 599" }
            for (name, value) in answer.headers where !Self.isHeader(name, value) {
                return "headers: \(name) is not a header field"
            }
        case .delay where delay == .zero: return "delay needs delay_ms"
        case .refuse where count != nil || after > 0 || share < 1 || delay > .zero || only != .all:
            return "refuse takes for_ms alone: a refused connection reaches nobody who could count it"
        case .redirect(let location):
            guard provider.speaksHTTP else { return "SMTP knows no redirect" }
            if let location, !Self.isHeader("Location", location) { return "location is not a URL" }
        case .resetStream, .refuseStream, .goAway, .limitStreams, .shutdown:
            guard provider.speaksHTTP2 else { return "\(kind) is for fcm and apns, which speak HTTP/2" }
            if case .limitStreams(let streams) = effect, !(1...100_000).contains(streams) {
                return "streams must be 1 to 100000"
            }
            if case .goAway(let reason) = effect, !reason.utf8.allSatisfy({ (0x30...0x7A).contains($0) && $0 != 0x5C })
            {
                return "error must be a plain word, as APNs' reasons are"
            }
        case .closeMidBody where !provider.speaksHTTP: return "SMTP knows no body; use close at the stage dot"
        case .hang(.after), .reset(.after), .close(.after), .garbage, .closeIdle:
            if !provider.speaksHTTP, stage != .dot { return "this kind strikes at the stage dot, where mail is taken" }
        default: break
        }
        return nil
    }

    private static func isHeader(_ name: String, _ value: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ":") }
            && value.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}
