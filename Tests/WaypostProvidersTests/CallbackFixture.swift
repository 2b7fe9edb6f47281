import Testing
import WaypostConfiguration
import WaypostCore
import WaypostHTTP
import WaypostJSON

@testable import WaypostProviders

extension Fixture {
    /// A callback to a whole URL; what stands before its path is the public URL.
    static func callback(
        url: String, method: String = "POST", topic: Callback.Topic? = nil, type: String? = FormBody.contentType,
        body: String = "", headers: KeyValuePairs<String, String> = [:], tolerance: Duration = .seconds(600)
    ) -> Callback {
        let authority = url.range(of: "://").map { url[$0.upperBound...] } ?? url[...]
        let start = authority.firstIndex { "/?".contains($0) } ?? url.endIndex
        var request = HTTPRequest(
            method: method, target: String(url[start...]), headers: HTTPHeaders(headers), body: Array(body.utf8))
        if let type, !type.isEmpty { request.headers["Content-Type"] = type }
        return Callback(topic: topic, request: request, publicURL: String(url[..<start]), tolerance: tolerance)
    }

    static func messageBird(_ change: (inout MessageBird.Settings) -> Void) throws -> MessageBird {
        let originator = try #require(MessageBird.Originator("Example"))
        var settings = MessageBird.Settings(accessKey: Secret(accessKey), originator: originator)
        change(&settings)
        return MessageBird(name: "bird", settings: settings, transfer: TransferSettings())
    }
}

extension CallbackSource {
    func isGenuine(_ callback: Callback, at now: Timestamp = Fixture.now) -> Bool {
        verdict(on: callback, certificates: [:], at: now) == .genuine
    }

    func receipts(in callback: Callback) -> [Receipt] { news(in: callback, at: Fixture.now).receipts }
}

extension Receipt {
    var failure: Failure? {
        switch news {
        case .failed(let failure), .bounced(let failure): failure
        default: nil
        }
    }
    var inbound: Inbound? { if case .inbound(let inbound) = news { inbound } else { nil } }
    func fact(_ name: String) -> String? { facts.first { $0.key == name }?.value }
}

extension JSONValue {
    func text(_ name: String) -> String { self[name]?.string ?? "" }
}
