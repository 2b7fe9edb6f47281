import WaypostHTTP

extension HTTPResponse {
    /// The answer as HTTP/1.1 puts it on the wire, always with its length, so that the connection can go on.
    func bytes(to method: String = "GET", closing: Bool = false, announcing length: Int? = nil) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(256 + body.count)
        text.append(contentsOf: "HTTP/1.1 ".utf8)
        text.append(contentsOf: String(status).utf8)
        text.append(UInt8(ascii: " "))
        text.append(contentsOf: Self.reason(status).utf8)
        for field in headers.fields {
            text.append(contentsOf: [0x0D, 0x0A])
            text.append(contentsOf: field.name.utf8)
            text.append(contentsOf: [UInt8(ascii: ":"), UInt8(ascii: " ")])
            text.append(contentsOf: field.value.utf8)
        }
        if status != 204, status != 304 {
            text.append(contentsOf: "\r\nContent-Length: ".utf8)
            text.append(contentsOf: String(length ?? body.count).utf8)
        }
        if closing { text.append(contentsOf: "\r\nConnection: close".utf8) }
        text.append(contentsOf: "\r\n\r\n".utf8)
        if method != "HEAD", status != 204, status != 304 { text.append(contentsOf: body) }
        return text
    }

    /// An answer that carries JSON.
    static func json(_ status: Int, _ body: [UInt8]) -> HTTPResponse {
        HTTPResponse(status: status, headers: HTTPHeaders(["Content-Type": "application/json"]), body: body)
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 307: "Temporary Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}
