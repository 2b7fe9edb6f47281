import WaypostHTTP

/// Why a request is not HTTP/1.1 that we take. The connection ends with it: where the next request begins is unknown.
struct HTTPRefusal: Error, Equatable, Sendable {
    var status: Int
    var complaint: String

    init(_ status: Int, _ complaint: String) {
        self.status = status
        self.complaint = complaint
    }

    var response: HTTPResponse {
        HTTPResponse(
            status: status, headers: HTTPHeaders(["Content-Type": "text/plain"]), body: Array("\(complaint)\n".utf8))
    }
}
