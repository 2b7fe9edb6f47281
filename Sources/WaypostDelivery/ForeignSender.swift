import WaypostConfiguration
import WaypostCore
import WaypostHTTP
import WaypostJSON
import WaypostProviders

/// A sender of callbacks that is none of the providers: signs in one of two common forms, is verified and passed on.
package struct ForeignSender: Sendable {
    package enum Scheme: String, CaseIterable, Sendable { case stripe, standard }

    private enum Keys: Sendable {
        case stripe([StripeSignature.Key])
        case standard([StandardWebhooks.Key])
    }

    private let keys: Keys
    /// How far a signed time may lie off, in the past as in the future.
    private let tolerance: Duration

    /// Where nothing else is said: as for providers. The schemes' own libraries allow half of it.
    package static let usualTolerance = Duration.seconds(600)

    package var scheme: Scheme {
        switch keys {
        case .stripe: .stripe
        case .standard: .standard
        }
    }

    /// `secrets`: any of them is right, so that one can be exchanged for another. nil where one is of no use in the scheme.
    package init?(_ scheme: Scheme, secrets: [Secret], tolerance: Duration = usualTolerance) {
        self.tolerance = tolerance
        switch scheme {
        case .stripe:
            let all = secrets.compactMap(StripeSignature.Key.init)
            guard !all.isEmpty, all.count == secrets.count else { return nil }
            keys = .stripe(all)
        case .standard:
            let all = secrets.compactMap(StandardWebhooks.Key.init)
            guard !all.isEmpty, all.count == secrets.count else { return nil }
            keys = .standard(all)
        }
    }

    package func verdict(on request: HTTPRequest, at now: Timestamp) -> CallbackVerdict {
        switch keys {
        case .stripe(let keys):
            StripeSignature.verify(
                headers: request.headers, body: request.body, secrets: keys, now: now, tolerance: tolerance)
        case .standard(let keys):
            StandardWebhooks.verify(
                headers: request.headers, body: request.body, secrets: keys, now: now, tolerance: tolerance)
        }
    }

    /// What a genuine request tells; nil where its body is not an object in JSON, or nothing names the event.
    package func event(in request: HTTPRequest) -> ForeignEvent? {
        guard let body = try? JSONValue(parsing: request.body), case .object = body else { return nil }
        let id =
            switch scheme {
            case .stripe: body["id"]?.string
            case .standard: request.headers[StandardWebhooks.idHeader]
            }
        guard let id, !id.isEmpty else { return nil }
        return ForeignEvent(id: id, type: body["type"]?.string, body: request.body)
    }
}

/// What a foreign sender told.
package struct ForeignEvent: Sendable {
    /// The sender's own id of it; the same when it is repeated.
    package var id: String
    package var type: String?
    /// The whole of it in JSON, as it came.
    package var body: [UInt8]

    /// The data of the event that passes it on.
    package func data(from sender: String) -> [UInt8] {
        var json = JSONWriter(capacity: body.count + 256)
        json.object { json in
            json.member("sender", sender)
            json.member("id", id)
            json.member("type", ifPresent: type)
            json.member("body", raw: body)
        }
        return json.bytes
    }
}
