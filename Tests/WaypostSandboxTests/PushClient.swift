import Foundation
import Testing
import WaypostCurl
import WaypostHTTP
import WaypostJSON

@testable import WaypostSandbox

/// A running sandbox and a client of its stand-ins for push, over real connections.
final class PushClient {
    let sandbox: Sandbox
    private let transport = CurlTransport()
    private let authorityFile = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).pem").path
    private let token: String
    private var accessToken: String?

    init(_ settings: Sandbox.Settings = .init()) throws {
        sandbox = try Sandbox.start(settings)
        try sandbox.writeAuthority(to: authorityFile)
        token = try TokenSigner(pem: sandbox.apnsKey).providerToken(issuedAt: WallClock.milliseconds / 1000)
    }

    deinit {
        transport.stop()
        #expect(sandbox.stop(), "a thread would not end")
        try? FileManager.default.removeItem(atPath: authorityFile)
    }

    func send(
        _ request: HTTPRequest, timeout: Duration = .seconds(20)
    ) async -> Result<TransportReply, TransportError> {
        let settings = TransferSettings(timeout: timeout, caFile: authorityFile, maxConnections: 1, maxStreams: 1_000)
        return await withCheckedContinuation { continuation in
            transport.send(.http(request), pool: "push", settings: settings) { continuation.resume(returning: $0) }
        }
    }

    /// A push through APNs.
    func push(
        _ message: String = "msg_1", to device: String = "ab12", timeout: Duration = .seconds(20)
    ) async -> Result<TransportReply, TransportError> {
        await send(pushRequest(message, to: device), timeout: timeout)
    }

    private func pushRequest(_ message: String, to device: String) -> HTTPRequest {
        let body = #"{"aps":{"alert":"x"},"waypost_message":"\#(message)","waypost_attempt":"att_1"}"#
        return .post(
            "\(sandbox.apnsURL)/3/device/\(device)", json: Array(body.utf8),
            headers: HTTPHeaders(["authorization": token, "apns-topic": "com.example.app", "apns-push-type": "alert"]))
    }

    /// So many pushes at once, each of a message of its own; in no order.
    func burst(_ count: Int) async -> [Result<TransportReply, TransportError>] {
        await withCheckedContinuation { continuation in
            let gathered = Gathered(count, continuation)
            let settings = TransferSettings(
                timeout: .seconds(20), caFile: authorityFile, maxConnections: 1, maxStreams: 1_000)
            for number in 0..<count {
                let request = TransportRequest.http(pushRequest("burst_\(number)", to: "ab12"))
                transport.send(request, pool: "push", settings: settings) { gathered.add($0) }
            }
        }
    }

    /// A message through FCM, with an access token that is asked for first.
    func message(_ message: String = "msg_1", to device: String = "t") async throws -> HTTPResponse {
        if accessToken == nil { accessToken = try await askForAccess() }
        let body = #"{"message":{"token":"\#(device)","data":{"waypost_message":"\#(message)"}}}"#
        let request = HTTPRequest.post(
            "\(sandbox.fcmURL)/v1/projects/waypost-sandbox/messages:send", json: Array(body.utf8),
            headers: HTTPHeaders(["authorization": "Bearer \(accessToken ?? "")"]))
        return try #require(await send(request).response)
    }

    private func askForAccess() async throws -> String {
        let account = try JSONValue(parsing: Array(sandbox.serviceAccount.utf8))
        let url = try #require(account["token_uri"]?.string)
        let now = WallClock.milliseconds / 1000
        let scope = "https://www.googleapis.com/auth/firebase.messaging"
        let claims =
            #"{"iss":"\#(account["client_email"]?.string ?? "")","scope":"\#(scope)","aud":"\#(url)","iat":\#(now),"#
            + #""exp":\#(now + 3_600)}"#
        let signer = try TokenSigner(pem: account["private_key"]?.string ?? "")
        let assertion = signer.token(header: #"{"alg":"RS256","typ":"JWT"}"#, claims: claims)
        var request = HTTPRequest(method: "POST", target: url)
        request.headers["content-type"] = "application/x-www-form-urlencoded"
        request.body = Array("grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=\(assertion)".utf8)
        let answer = try #require(await send(request).response)
        return try #require(answer.json["access_token"]?.string, "\(answer.json)")
    }
}

/// Gathers the outcomes of many transfers, which all come on the transport's one thread.
///
/// `@unchecked Sendable`: only that thread touches it once it is made.
private final class Gathered: @unchecked Sendable {
    private var outcomes: [Result<TransportReply, TransportError>] = []
    private let count: Int
    private let continuation: CheckedContinuation<[Result<TransportReply, TransportError>], Never>

    init(_ count: Int, _ continuation: CheckedContinuation<[Result<TransportReply, TransportError>], Never>) {
        self.count = count
        self.continuation = continuation
    }

    func add(_ outcome: Result<TransportReply, TransportError>) {
        outcomes.append(outcome)
        if outcomes.count == count { continuation.resume(returning: outcomes) }
    }
}

extension Result<TransportReply, TransportError> {
    var response: HTTPResponse? {
        if case .success(.http(let response)) = self { response } else { nil }
    }
    var error: TransportError? {
        if case .failure(let error) = self { error } else { nil }
    }
}
