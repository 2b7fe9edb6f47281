import WaypostCore
import WaypostCurl
import WaypostHTTP
import WaypostJSON

/// A running router, asked over HTTP; each call waits for its answer. Confined to one thread.
final class Client {
    /// What the router said, good or not.
    struct Answer: Equatable {
        var status: Int
        var headers = HTTPHeaders()
        var body: [UInt8] = []

        var json: JSONValue { (try? JSONValue(parsing: body, depth: 64)) ?? .null }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// A request's body, and what it is.
    struct Body {
        var type = "application/json"
        var bytes: [UInt8]

        init(_ json: JSONValue) { bytes = json.bytes }
        init(_ bytes: [UInt8], type: String) {
            self.bytes = bytes
            self.type = type
        }
    }

    /// Imports take their time.
    static let longest: Duration = .seconds(60)
    /// For looks that a router in good health answers at once.
    static let brief: Duration = .seconds(5)

    /// Without a slash at its end.
    let url: String
    /// Not to be shown anywhere.
    let token: String?
    private let settings: TransferSettings
    private let transport = CurlTransport()
    private let isInterrupted: () -> Bool

    /// `isInterrupted` is asked again and again while an answer is waited for.
    init(
        url: String, token: String? = nil, caFile: String? = nil, isInterrupted: @escaping () -> Bool = { false }
    ) throws(ClientFailure) {
        let scheme = url.prefix { $0 != ":" }.lowercased()
        guard ["http", "https"].contains(scheme), url.dropFirst(scheme.count).hasPrefix("://"),
            url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), url.utf8.count > scheme.utf8.count + 3
        else { throw .notAURL(url) }
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.token = token
        settings = TransferSettings(timeout: Self.longest, caFile: caFile, maxConnections: 2)
        self.isInterrupted = isInterrupted
    }

    deinit { transport.stop() }

    func get(
        _ path: String, _ query: Query = Query(), within timeout: Duration = longest
    ) throws(ClientFailure) -> Answer {
        try good(HTTPRequest.get(url + path + query.text), within: timeout)
    }

    func delete(_ path: String) throws(ClientFailure) -> Answer {
        try good(HTTPRequest(method: "DELETE", target: url + path))
    }

    /// Changes something. `key` makes the request safe to repeat: it is sent a second time where the connection broke and
    /// nobody knows whether the first arrived.
    func change(
        _ method: String, _ path: String, _ query: Query = Query(), body: Body? = nil, key: String? = nil
    ) throws(ClientFailure) -> Answer {
        var request = HTTPRequest(method: method, target: url + path + query.text, body: body?.bytes ?? [])
        if let body { request.headers["Content-Type"] = body.type }
        if let key { request.headers["Idempotency-Key"] = key }
        do throws(ClientFailure) { return try good(request) } catch {
            guard key != nil, error.mayHaveArrived else { throw error }
        }
        do throws(ClientFailure) { return try good(request) } catch { throw error.repeatable(under: key) }
    }

    /// The answer as it is, whatever it says.
    func ask(_ request: HTTPRequest, within timeout: Duration = longest) throws(ClientFailure) -> Answer {
        var request = request
        var settings = settings
        settings.timeout = timeout
        if let token { request.headers["Authorization"] = "Bearer \(token)" }
        let reply = Monitor<Result<TransportReply, TransportError>?>(nil)
        transport.send(.http(request), pool: "router", settings: settings) { result in
            reply.change { $0 = result }
        }
        while true {
            switch reply.wait(atMost: .milliseconds(50), { $0 }) {
            case .success(.http(let response))?:
                return Answer(status: response.status, headers: response.headers, body: response.body)
            case .success?: throw .strange(url: url, status: 0)
            case .failure(let error)? where error.departure == .notSent:
                throw .unreachable(url: url, detail: error.detail)
            case .failure(let error)?: throw .broken(url: url, detail: error.detail, key: nil)
            case nil: if isInterrupted() { throw .interrupted }
            }
        }
    }

    /// A 2xx, or why there is none.
    private func good(
        _ request: HTTPRequest, within timeout: Duration = longest
    ) throws(ClientFailure) -> Answer {
        let answer = try ask(request, within: timeout)
        guard !(200..<300).contains(answer.status) else { return answer }
        throw ClientFailure(answer, url: url, hadToken: token != nil)
    }
}

/// The part of a target behind the `?`, and what stands in a path.
struct Query: Equatable {
    private(set) var text = ""

    init() {}

    /// What is nil is left out.
    init(_ items: KeyValuePairs<String, String?>) {
        for (name, value) in items { add(name, value) }
    }

    mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        text += (text.isEmpty ? "?" : "&") + name + "=" + Self.escape(value)
    }

    /// RFC 3986 section 2.3: all but the unreserved characters is escaped, so that it fits into a path, too.
    static func escape(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
