import Dispatch
import Foundation
import Synchronization
import Testing
import WaypostHTTP
import WaypostJSON

@testable import WaypostSandbox

/// A server on loopback that keeps what it was posted and answers as it is told.
final class CallbackReceiver: HTTPService {
    private let state: Mutex<(requests: [HTTPRequest], answers: [Int], taken: Int)>
    private let arrived = DispatchSemaphore(value: 0)
    private let listener = Mutex<Listener?>(nil)

    /// `answers` in order; 200 when they are used up.
    init(answers: [Int] = []) throws {
        state = Mutex(([], answers, 0))
        let opened = try Listener(host: "127.0.0.1", port: 0, numbers: Numbers()) { [self] socket in
            var connection = HTTPConnection(socket, self)
            connection.serve()
        }
        listener.withLock { $0 = opened }
    }

    var url: String { "http://127.0.0.1:\(listener.withLock { $0?.port ?? 0 })" }

    func conclude(_ request: HTTPRequest, under fault: ActiveFault?, on connection: Int) -> Conclusion {
        let status = state.withLock { state in
            state.requests.append(request)
            return state.answers.isEmpty ? 200 : state.answers.removeFirst()
        }
        arrived.signal()
        return Conclusion(answer: .whole(HTTPResponse(status: status)))
    }

    /// The next so many requests, as they arrive; fails when they do not within ten seconds.
    func take(_ count: Int) throws -> [HTTPRequest] {
        for _ in 0..<count {
            try #require(arrived.wait(timeout: .now() + 10) == .success, "fewer than \(count) callbacks came")
        }
        return state.withLock { state in
            defer { state.taken += count }
            return Array(state.requests[state.taken..<state.taken + count])
        }
    }

    var requests: [HTTPRequest] { state.withLock { $0.requests } }

    func stop() {
        let listener = listener.withLock { $0 }
        #expect(listener?.stop() == true)
        self.listener.withLock { $0 = nil }
    }
}

extension Sandbox {
    /// Blocks until all callbacks are at their end; false after a minute.
    func isQuiet() -> Bool {
        let deadline = ContinuousClock.now + .seconds(60)
        while callbacksUnderWay > 0 {
            guard ContinuousClock.now < deadline else { return false }
            usleep(2_000)
        }
        return true
    }

    /// Sends a request to the stand-in of that port; the answer's status.
    @discardableResult
    func post(_ wire: [UInt8], to port: Int) throws -> HTTPResponse {
        let client = try WireClient(port: port)
        client.send(wire)
        return try #require(client.answer())
    }
}

/// A running sandbox and a receiver that it calls back.
func withReceiver(
    answers: [Int] = [], change: (inout Sandbox.Settings.Callbacks) -> Void = { _ in },
    _ body: (Sandbox, CallbackReceiver) throws -> Void
) throws {
    let receiver = try CallbackReceiver(answers: answers)
    defer { receiver.stop() }
    var settings = Sandbox.Settings()
    settings.callbacks.transport.delay = .zero ... .zero
    settings.callbacks.transport.retryDelay = .milliseconds(1)
    settings.callbacks.batchDelay = .milliseconds(5)
    settings.callbacks.twilioInboundURL = "\(receiver.url)/webhooks/twilio/inbound"
    settings.callbacks.messageBirdInboundURL = "\(receiver.url)/webhooks/messagebird/inbound"
    settings.callbacks.sendGridURL = "\(receiver.url)/webhooks/sendgrid"
    change(&settings.callbacks)
    try withSandbox(settings) { try body($0, receiver) }
}

extension HTTPRequest {
    var form: FormFields? { FormFields(body) }
    var bodyJSON: JSONValue { (try? JSONValue(parsing: body)) ?? .null }

    /// As `verify_callback.py` wants it. `base`: scheme and authority that were called.
    func job(_ scheme: String, key: String, base: String, ca: String? = nil) -> JSONValue {
        let headers = headers.fields.map { JSONValue.Member($0.name.lowercased(), .string($0.value)) }
        return [
            "scheme": .string(scheme), "url": .string(base + target), "headers": .object(headers),
            "body": .string(Data(body).base64EncodedString()), "key": .string(key), "ca": .optional(ca),
        ]
    }
}
