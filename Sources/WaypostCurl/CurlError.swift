import CCurl
import Glibc
import WaypostHTTP

/// What is known of an HTTP transfer that got no answer; a pure function of it says what may have arrived, and why.
struct TransferFacts {
    var code: CURLcode
    /// `host:port`
    var peer: String
    var settings: TransferSettings
    /// libcurl had a connection and began with the request (`CURLINFO_PRETRANSFER_TIME_T` is above 0).
    var requestStarted: Bool
    var bodySize = 0
    var bodyHandedOut = 0
    /// The peer said that it did not process the request.
    var isRefused = false
    /// A name led to an address that is not public, and nothing else was wanted.
    var metPrivateAddress = false
    var overflow: HTTPAnswer.Overflow?
    var systemError: Int32 = 0
    /// libcurl's text. Passed on for TLS alone, where it holds no more than names and reasons.
    var text = ""

    /// Whether the other side may hold the whole request.
    ///
    /// With a body its last byte decides: until libcurl has fetched it from us the peer cannot have the whole, and from
    /// then on nobody can say. That also covers a request which libcurl gave up on while connecting a second time.
    var departure: TransportError.Departure {
        if isRefused { return .refusedUnprocessed }
        if bodySize > 0 { return bodyHandedOut < bodySize ? .notSent : .mayHaveArrived }
        return requestStarted ? .mayHaveArrived : .notSent
    }

    var error: TransportError {
        TransportError(departure: departure, timedOut: code == CURLE_OPERATION_TIMEDOUT, detail: detail)
    }

    private var detail: String {
        if isRefused { return "\(peer) refused the stream unprocessed" }
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: return "\(peer): the host name cannot be resolved"
        case CURLE_COULDNT_CONNECT where metPrivateAddress:
            return "\(peer) resolves to a private address; write allow_private: true where that is meant"
        case CURLE_COULDNT_CONNECT: return connectDetail
        case CURLE_OPERATION_TIMEDOUT: return timeoutDetail
        case CURLE_PEER_FAILED_VERIFICATION: return "TLS: \(peer)'s certificate is not trusted (\(tlsReason))"
        case CURLE_SSL_CACERT_BADFILE: return "TLS: the CA file cannot be read"
        case CURLE_SSL_CONNECT_ERROR: return "TLS: no agreement with \(peer) (\(tlsReason))"
        case CURLE_GOT_NOTHING: return "\(peer) closed the connection without an answer"
        case CURLE_SEND_ERROR: return "the connection to \(peer) broke while the request was sent"
        case CURLE_RECV_ERROR: return "the connection to \(peer) broke before the answer was complete"
        case CURLE_SEND_FAIL_REWIND: return "the connection to \(peer) broke before an answer; not sent again"
        case CURLE_PARTIAL_FILE: return "\(peer)'s answer was cut short"
        case CURLE_HTTP2, CURLE_HTTP2_STREAM: return "\(peer) ended the HTTP/2 stream before its answer was complete"
        case CURLE_WRITE_ERROR: return overflowDetail
        case CURLE_UNSUPPORTED_PROTOCOL where requestStarted: return "\(peer)'s answer is not HTTP"  // as HTTP/0.9
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: return "the URL cannot be used"
        case CURLE_WEIRD_SERVER_REPLY: return "\(peer)'s answer cannot be read"
        default: return "\(peer): \(code.words)"
        }
    }

    private var connectDetail: String {
        systemError == ECONNREFUSED
            ? "connection refused by \(peer)" : "cannot connect to \(peer) (\(String(cString: strerror(systemError))))"
    }

    private var timeoutDetail: String {
        if departure == .notSent {
            return requestStarted
                ? "\(peer) did not take the whole request within \(settings.timeout.brief)"
                : "no connection to \(peer) within \(min(settings.connectTimeout, settings.timeout).brief)"
        }
        return "no answer from \(peer) within \(settings.timeout.brief), the request had left"
    }

    private var overflowDetail: String {
        overflow == .headers
            ? "\(peer)'s answer has more than \(HTTPAnswer.maxHeaderBytes / 1024) KiB of headers"
            : "\(peer)'s answer is larger than \(HTTPAnswer.maxBodyBytes / 1024 / 1024) MiB"
    }

    private var tlsReason: String {
        let known = "SSL certificate problem: "
        let reason = text.hasPrefix(known) ? text.dropFirst(known.count) : text[...]
        return reason.isEmpty ? code.words : String(reason.prefix(120))
    }
}

extension TransportError {
    /// Ended by `stop`.
    static func stopped(_ departure: Departure) -> TransportError {
        TransportError(departure: departure, detail: "the transport was stopped before an answer came")
    }
}

extension CURLcode {
    /// libcurl's fixed words for it; nothing of the request is in them.
    var words: String { String(cString: curl_easy_strerror(self)) }
}

extension Duration {
    /// `10s`, `2.5s`, `250ms`
    var brief: String {
        let milliseconds = Int(wholeMilliseconds)
        if milliseconds < 1000 { return "\(milliseconds)ms" }
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(Double(milliseconds) / 1000)s"
    }
}
