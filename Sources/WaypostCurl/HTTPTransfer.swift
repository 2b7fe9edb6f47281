import CCurl
import Glibc
import WaypostHTTP

/// One HTTP exchange: hands the request to libcurl, gathers the answer and knows what has left.
///
/// A class, for libcurl holds a pointer to it while the transfer is under way; `HTTPPool` keeps it that long.
final class HTTPTransfer {
    let easy: EasyHandle
    private let request: HTTPRequest
    private let settings: TransferSettings
    /// Bytes of the body that libcurl has fetched from us. All of them fetched means that all may have arrived.
    private var handedOut = 0
    private var answer = HTTPAnswer()
    private var http2: HTTP2Notes
    private let goAways: GoAways
    /// Its name resolved to an address that is not public, where only such may be used.
    private var metPrivateAddress = false
    /// Told what the peer says of the connection.
    private let heard: (HTTP2Notes.News) -> Void
    /// Whether it has left, or waits inside libcurl for a stream.
    var hasStream: Bool { http2.stream != nil }
    /// libcurl's number of the connection that carries the stream, or will.
    var connection: Int? { http2.streamConnection ?? http2.connection }

    /// Larger bodies go by HTTP/1.1: libcurl 7.88 spins once HTTP/2's first window of 64 KiB is used up (fixed in 8.0).
    private static let maxHTTP2Body = 60 * 1024

    /// Sets `easy` up, fresh or reset; its `refusal` tells when that went wrong.
    init(
        _ request: HTTPRequest, _ settings: TransferSettings, _ easy: EasyHandle, _ goAways: GoAways,
        heard: @escaping (HTTP2Notes.News) -> Void
    ) {
        self.request = request
        self.settings = settings
        self.easy = easy
        self.goAways = goAways
        self.heard = heard
        http2 = HTTP2Notes(hasBody: !request.body.isEmpty)
        answer.ignoresBodyBeyond = settings.ignoresBodyBeyond
        setConnection()
        setMethod()
        setHeaders()
        setCallbacks()
    }

    private func setConnection() {
        easy.setCommon(caFile: settings.caFile)
        easy.set(CURLOPT_URL, request.target)
        easy.set(CURLOPT_FOLLOWLOCATION, 0)
        easy.set(CURLOPT_CONNECTTIMEOUT_MS, settings.connectTimeout)
        easy.set(CURLOPT_TIMEOUT_MS, settings.timeout)
        easy.set(CURLOPT_MAXAGE_CONN, 4 * 3600)  // libcurl's own 118 s would cost APNs and FCM their connections
        let isLarge = request.body.count > Self.maxHTTP2Body
        easy.set(CURLOPT_HTTP_VERSION, isLarge ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS)
        easy.set(CURLOPT_PIPEWAIT, request.isSecureTarget ? 1 : 0)
    }

    private func setMethod() {
        if request.hasBody {
            easy.set(CURLOPT_POST, 1)
            easy.set(CURLOPT_POSTFIELDSIZE_LARGE, offset: request.body.count)
            if request.method != "POST" { easy.set(CURLOPT_CUSTOMREQUEST, request.method) }
        } else if request.method == "HEAD" {
            easy.set(CURLOPT_NOBODY, 1)
        } else if request.method != "GET" {
            easy.set(CURLOPT_CUSTOMREQUEST, request.method)
        }
        // On a connection that was used before libcurl takes any loss for that of an idle one and sends again; what it does
        // not resend so is RTSP's waiting for data (`Curl_retry_request` of 7.88). Without this it would also keep to itself
        // that the peer refused the stream.
        if !request.isIdempotent { easy.set(CURLOPT_RTSP_REQUEST, CURL_RTSPREQ_RECEIVE) }
        // libcurl asks before it sends a body again, but not where the body is empty; only a reused connection makes it
        // try at all.
        if request.body.isEmpty, !request.isIdempotent { easy.set(CURLOPT_FRESH_CONNECT, 1) }
    }

    private func setHeaders() {
        easy.set(CURLOPT_USERAGENT, "waypost")
        easy.add(header: "Expect:")
        if request.hasBody, request.headers["Content-Type"] == nil { easy.add(header: "Content-Type:") }
        for field in request.headers.fields where !field.name.equalsIgnoringCase("Content-Length") {
            easy.add(header: field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        easy.sendHeaders()
    }

    private func setCallbacks() {
        let me = Unmanaged.passUnretained(self).toOpaque()
        easy.set(read: readBody)
        easy.set(CURLOPT_READDATA, pointer: me)
        easy.set(seek: refuseToRewind)
        easy.set(CURLOPT_WRITEFUNCTION, write: receiveBody)
        easy.set(CURLOPT_WRITEDATA, pointer: me)
        easy.set(CURLOPT_HEADERFUNCTION, write: receiveHeader)
        easy.set(CURLOPT_HEADERDATA, pointer: me)
        if settings.addresses == .publicOnly {
            easy.set(openSocket: openPublicSocket)
            easy.set(CURLOPT_OPENSOCKETDATA, pointer: me)
        }
        guard request.isSecureTarget else { return }  // HTTP/2 only comes with TLS, and its notes cost a little
        easy.set(CURLOPT_VERBOSE, 1)
        easy.set(debug: note)
        easy.set(CURLOPT_DEBUGDATA, pointer: me)
    }

    /// What the facts say now about where the request is.
    var departure: TransportError.Departure { facts(CURLE_OK).departure }

    func result(of code: CURLcode) -> Result<TransportReply, TransportError> {
        // A server that answers early and hangs up breaks our sending, but what it said stands.
        let isAnswered =
            code == CURLE_OK || answer.isSelfContained && [CURLE_SEND_ERROR, CURLE_RECV_ERROR].contains(code)
            || answer.isEnough && code == CURLE_WRITE_ERROR
        guard isAnswered else { return .failure(facts(code).error) }
        guard let response = answer.response(toHEAD: request.method == "HEAD") else {
            return .failure(facts(CURLE_PARTIAL_FILE).error)
        }
        return .success(.http(response))
    }

    private func facts(_ code: CURLcode) -> TransferFacts {
        TransferFacts(
            code: code, peer: URLAuthority(request.target).text, settings: settings,
            requestStarted: easy.offset(CURLINFO_PRETRANSFER_TIME_T) > 0,
            bodySize: request.body.count, bodyHandedOut: handedOut,
            isRefused: http2.saysRefused || goAways.cover(http2), metPrivateAddress: metPrivateAddress,
            overflow: answer.overflow, systemError: Int32(easy.integer(CURLINFO_OS_ERRNO)), text: easy.errorText)
    }

    fileprivate func handOut(to buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, request.body.count - handedOut)
        request.body.withUnsafeBytes { body in
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: body[handedOut..<handedOut + count]))
        }
        handedOut += count
        return count
    }

    fileprivate func admits(_ address: UnsafeRawBufferPointer) -> Bool {
        let isPublic = PublicAddress.isPublic(socketAddress: address)
        if !isPublic { metPrivateAddress = true }
        return isPublic
    }

    fileprivate func take(header line: UnsafeRawBufferPointer) -> Bool { answer.take(header: line) }
    fileprivate func take(body bytes: UnsafeRawBufferPointer) -> Bool { answer.take(body: bytes) }

    fileprivate func take(note line: UnsafeRawBufferPointer) {
        guard let news = http2.take(line) else { return }
        if case .goAway(let goAway) = news { goAways.add(goAway) }
        heard(news)
    }
}

extension HTTPRequest {
    /// Why it cannot be sent, where libcurl would let it through: a line break or NUL would end a header early.
    var fault: String? {
        func isUnsafe(_ text: String) -> Bool { text.utf8.contains { $0 == 13 || $0 == 10 || $0 == 0 } }
        if method.isEmpty || isUnsafe(method) || isUnsafe(target) { return "the request line is not well formed" }
        return headers.fields.contains { $0.name.isEmpty || isUnsafe($0.name) || isUnsafe($0.value) }
            ? "a request header holds a line break or NUL" : nil
    }

    var isSecureTarget: Bool { target.utf8.prefix(6).elementsEqual("https:".utf8) }
    /// POST and PUT say `Content-Length: 0` where they have none.
    fileprivate var hasBody: Bool { !body.isEmpty || method == "POST" || method == "PUT" }
    /// RFC 9110 section 9.2.2.
    fileprivate var isIdempotent: Bool { ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"].contains(method) }
}

// libcurl's callbacks: plain functions, for a closure could inherit an actor.

private func transfer(_ pointer: UnsafeMutableRawPointer) -> HTTPTransfer {
    Unmanaged<HTTPTransfer>.fromOpaque(pointer).takeUnretainedValue()
}

private func readBody(
    buffer: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?
) -> Int {
    guard let context else { return Int(CURL_READFUNC_ABORT) }
    return transfer(context).handOut(to: UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
}

/// libcurl asks this before it sends a body again on a new connection, though the peer may have read all of it.
private func refuseToRewind(_: UnsafeMutableRawPointer?, _: curl_off_t, _: Int32) -> Int32 { CURL_SEEKFUNC_FAIL }

/// Sees the very address that is about to be connected to.
private func openPublicSocket(
    context: UnsafeMutableRawPointer?, _: curlsocktype, address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let context, let address, let place = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return -1 }
    // Longer than the struct says: its last member is as long as `addrlen`.
    let bytes = UnsafeRawBufferPointer(
        start: UnsafeRawPointer(address) + place, count: Int(address.pointee.addrlen))
    guard transfer(context).admits(bytes) else { return -1 }  // CURL_SOCKET_BAD
    return socket(
        address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
}

private func receiveBody(
    buffer: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?
) -> Int {
    guard let context else { return 0 }
    let bytes = UnsafeRawBufferPointer(start: buffer, count: size * count)
    return transfer(context).take(body: bytes) ? bytes.count : 0
}

private func receiveHeader(
    buffer: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?
) -> Int {
    guard let context else { return 0 }
    let line = UnsafeRawBufferPointer(start: buffer, count: size * count)
    return transfer(context).take(header: line) ? line.count : 0
}

/// Only libcurl's own remarks are looked at; header and body lines pass unseen.
private func note(
    _: UnsafeMutableRawPointer?, kind: curl_infotype, text: UnsafeMutablePointer<CChar>?, count: Int,
    context: UnsafeMutableRawPointer?
) -> Int32 {
    guard kind == CURLINFO_TEXT, let context else { return 0 }
    transfer(context).take(note: UnsafeRawBufferPointer(start: text, count: count))
    return 0
}
