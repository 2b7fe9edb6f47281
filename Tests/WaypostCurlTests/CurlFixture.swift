import WaypostCore
import WaypostHTTP
import WaypostTesting

@testable import WaypostCurl

typealias Answer = Result<TransportReply, TransportError>

extension CurlTransport {
    /// Sends and waits for the outcome.
    func exchange(
        _ request: TransportRequest, pool: String = "test", settings: TransferSettings = .init(timeout: .seconds(20))
    ) async -> Answer {
        await withCheckedContinuation { continuation in
            send(request, pool: pool, settings: settings) { continuation.resume(returning: $0) }
        }
    }

    func post(
        _ body: String, to port: Int, settings: TransferSettings = .init(timeout: .seconds(20))
    ) async -> Answer {
        await exchange(.http(.post("http://127.0.0.1:\(port)/send", json: Array(body.utf8))), settings: settings)
    }
}

extension Answer {
    var http: HTTPResponse? {
        if case .success(.http(let response)) = self { response } else { nil }
    }
    var mail: MailReply? {
        if case .success(.mail(let reply)) = self { reply } else { nil }
    }
    var error: TransportError? {
        if case .failure(let error) = self { error } else { nil }
    }
}

extension LoopbackStream {
    func answer(_ body: String, status: String = "200 OK", headers: String = "") {
        send("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
    }
}

/// What a test's server was told, in order.
typealias Heard = Monitor<[String]>
