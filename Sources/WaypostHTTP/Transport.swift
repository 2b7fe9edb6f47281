/// How a transfer is to be made, whatever it carries.
package struct TransferSettings: Hashable, Sendable {
    /// DNS, TCP and TLS together.
    package var connectTimeout: Duration
    /// The whole exchange, connecting included.
    package var timeout: Duration
    /// Extra trusted certificates (PEM), beside the system's; nil for the system's alone.
    package var caFile: String?
    /// Connections at once to the host of one pool.
    package var maxConnections: Int
    /// Streams at once on one HTTP/2 connection.
    package var maxStreams: Int
    /// Begins with one connection and one stream, and takes more as the peer allows: for services that want few
    /// connections of many streams. Otherwise connections are begun as they are needed.
    package var sharesConnections: Bool
    /// Which addresses a name may resolve to.
    package var addresses = Addresses.any
    /// HTTP: bytes of an answer's body that are read; what follows is not waited for. nil: all, within the transport's bound.
    package var ignoresBodyBeyond: Int?

    package enum Addresses: Sendable {
        case any
        /// Looked at when connecting, so that a name which changes in between gains nothing; see `PublicAddress`.
        case publicOnly
    }

    package init(
        connectTimeout: Duration = .seconds(3), timeout: Duration = .seconds(10), caFile: String? = nil,
        maxConnections: Int = 64, maxStreams: Int = 100, sharesConnections: Bool = false
    ) {
        self.connectTimeout = connectTimeout
        self.timeout = timeout
        self.caFile = caFile
        self.maxConnections = maxConnections
        self.maxStreams = maxStreams
        self.sharesConnections = sharesConnections
    }
}

/// One mail to hand to a submission server (RFC 6409).
package struct MailSubmission: Equatable, Sendable {
    package enum Security: Equatable, Sendable {
        /// `smtps://`: TLS from the first byte.
        case implicitTLS
        /// `smtp://`: STARTTLS or nothing is said.
        case startTLS
        /// `smtp://` with `tls: none`.
        case plain
    }
    package var host: String
    package var port: Int
    package var security: Security
    package var user: String?
    package var password: String?
    package var sender: String
    /// Envelope recipients in the order of the deliveries.
    package var recipients: [String]
    /// The message, CRLF line ends, no dot doubled.
    package var message: [UInt8]
    /// An address needs SMTPUTF8 (RFC 6531).
    package var needsUTF8 = false

    package init(
        host: String, port: Int, security: Security, user: String?, password: String?, sender: String,
        recipients: [String], message: [UInt8]
    ) {
        self.host = host
        self.port = port
        self.security = security
        self.user = user
        self.password = password
        self.sender = sender
        self.recipients = recipients
        self.message = message
    }
}

/// What a submission server said, command by command.
package struct MailReply: Equatable, Sendable {
    /// A reply line's code and text; `250 2.0.0 Ok` is (250, "2.0.0 Ok").
    package struct Line: Equatable, Sendable {
        package var code: Int
        package var text: String
        package init(code: Int, text: String) {
            self.code = code
            self.text = text
        }
    }
    /// Where the dialogue stood when it ended.
    package enum Stage: String, Sendable { case connect, hello, startTLS, authenticate, sender, recipients, data, done }
    package var stage: Stage
    /// The last reply.
    package var last: Line
    /// One for each recipient that was asked for, in order; fewer when the dialogue ended early.
    package var recipients: [Line]
    /// The server's offers after EHLO, upper case, with their parameters.
    package var extensions: [String]
    package init(stage: Stage, last: Line, recipients: [Line], extensions: [String]) {
        self.stage = stage
        self.last = last
        self.recipients = recipients
        self.extensions = extensions
    }
}

/// A transfer that got no readable answer.
package struct TransportError: Error, Equatable, Sendable {
    /// Whether the other side may hold the whole request: this decides between another try and a double.
    package enum Departure: Equatable, Sendable {
        /// Surely not all of it left: it was not processed.
        case notSent
        /// The peer said so itself (REFUSED_STREAM, GOAWAY below our stream): not processed, send again on a new connection.
        case refusedUnprocessed
        /// It may have arrived.
        case mayHaveArrived
    }
    package var departure: Departure
    package var timedOut: Bool
    /// For an operator; holds no header, no credential and no content.
    package var detail: String
    package init(departure: Departure, timedOut: Bool = false, detail: String) {
        self.departure = departure
        self.timedOut = timedOut
        self.detail = detail
    }
}

/// What an exchange sends: SMTP is no special case.
package enum TransportRequest: Equatable, Sendable {
    case http(HTTPRequest)
    case mail(MailSubmission)
    /// Connect, EHLO, AUTH, QUIT: the health check of a submission server.
    case mailProbe(MailSubmission)
}

package enum TransportReply: Equatable, Sendable {
    case http(HTTPResponse)
    case mail(MailReply)
}

/// The seam behind which requests leave: libcurl, or a script in tests.
///
/// `pool` names the provider instance: each has connections, caps and caches of its own. `completion` is called exactly once,
/// on a thread of the transport's choosing, and must not block.
package protocol Transport: Sendable {
    func send(
        _ request: TransportRequest, pool: String, settings: TransferSettings,
        completion: @escaping @Sendable (Result<TransportReply, TransportError>) -> Void)
}
