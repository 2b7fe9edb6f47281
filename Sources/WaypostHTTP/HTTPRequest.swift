/// A request, whole: what the server read, or what is to be sent.
package struct HTTPRequest: Equatable, Sendable {
    package var method: String
    /// Incoming: the target as it stood on the request line, not decoded (`/v1/messages?limit=1`). Outgoing: the whole URL.
    package var target: String
    package var headers: HTTPHeaders
    package var body: [UInt8]
    /// Incoming: the peer's IP address as text, without port.
    package var peer: String = ""
    /// Incoming: whether it came over TLS.
    package var isSecure = false

    /// Outgoing: not on a connection that is open already; for a peer that said so.
    package var onNewConnection = false

    package init(method: String, target: String, headers: HTTPHeaders = .init(), body: [UInt8] = []) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }

    package static func get(_ url: String, headers: HTTPHeaders = .init()) -> HTTPRequest {
        HTTPRequest(method: "GET", target: url, headers: headers)
    }

    package static func post(_ url: String, json body: [UInt8], headers: HTTPHeaders = .init()) -> HTTPRequest {
        var request = HTTPRequest(method: "POST", target: url, headers: headers, body: body)
        request.headers["Content-Type"] = "application/json"
        return request
    }

    /// The target up to `?`.
    package var path: Substring { target.prefix { $0 != "?" } }
    /// What follows the first `?`, or nothing.
    package var query: Substring {
        guard let mark = target.firstIndex(of: "?") else { return "" }
        return target[target.index(after: mark)...]
    }
}
