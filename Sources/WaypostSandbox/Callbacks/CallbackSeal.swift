import WaypostHTTP
import WaypostJSON

/// Makes requests of letters, signed as their providers sign: at the time they are posted, each with that provider's key.
struct CallbackSeal: Sendable {
    let sendGridKey: PrivateKey
    let twilioToken: String
    let messageBirdKey: String
    let topic: SNSTopic
    let ids = SharedReferences()

    /// The request to the whole URL. `wall` in milliseconds since 1970. nil where a signature cannot be made.
    func request(for letter: Letter, at wall: Int64) -> HTTPRequest? {
        switch letter.content {
        case .form(let fields, let isGet): twilio(letter, fields, isGet: isGet)
        case .query: messageBird(letter, body: [], type: nil, at: wall)
        case .body(let body, let type): messageBird(letter, body: body, type: type, at: wall)
        case .event(let event): sendGrid(letter, Array("[".utf8) + event + Array("]\r\n".utf8), at: wall)
        case .batch(let body, _): sendGrid(letter, body, at: wall)
        case .notification(let text, let id, let time): topic.request(letter, text: text, id: id, at: time)
        }
    }

    /// ECDSA over the timestamp and the body as it leaves, line end and all.
    private func sendGrid(_ letter: Letter, _ body: [UInt8], at wall: Int64) -> HTTPRequest? {
        let time = String(wall / 1000)
        let wrong: [UInt8] = letter.isForged ? [0] : []
        guard let signature = sendGridKey.signature(of: Array(time.utf8) + body + wrong) else { return nil }
        return .post(
            letter.url, json: body,
            headers: HTTPHeaders([
                "User-Agent": "SendGrid Event API", "X-Twilio-Email-Event-Webhook-Signature": Base64.encode(signature),
                "X-Twilio-Email-Event-Webhook-Timestamp": time,
            ]))
    }

    /// HMAC-SHA1 over the URL as it is called, and for a form its parameters: sorted by code unit, each with its distinct
    /// values, sorted.
    private func twilio(_ letter: Letter, _ fields: [(String, String)], isGet: Bool) -> HTTPRequest {
        var url = String(letter.url.prefix { $0 != "#" })
        let form = MessageBirdScript.query(fields)
        if isGet { url += (url.contains("?") ? "&" : "?") + form }
        let signed = url + (isGet ? "" : Self.sorted(fields))
        let key = twilioToken + (letter.isForged ? "x" : "")
        let signature = Digest.hmacSHA1(Array(signed.utf8), key: Array(key.utf8))
        var request = HTTPRequest(method: isGet ? "GET" : "POST", target: url, body: isGet ? [] : Array(form.utf8))
        if !isGet { request.headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8" }
        request.headers.add("X-Twilio-Signature", Base64.encode(signature))
        request.headers.add("I-Twilio-Idempotency-Token", letter.token)
        request.headers.add("User-Agent", "TwilioProxy/1.1")
        return request
    }

    static func sorted(_ fields: [(String, String)]) -> String {
        let names = Set(fields.map(\.0)).sorted { $0.utf16.lexicographicallyPrecedes($1.utf16) }
        return names.map { name in
            let values = Set(fields.filter { $0.0 == name }.map(\.1))
            return values.sorted { $0.utf16.lexicographicallyPrecedes($1.utf16) }.map { name + $0 }.joined()
        }.joined()
    }

    /// A JWT under HS256 whose claims hold the hashes of the URL as it is called and of the body, where there is one.
    private func messageBird(_ letter: Letter, body: [UInt8], type: String?, at wall: Int64) -> HTTPRequest {
        var claims: [JSONValue.Member] = [
            .init("iss", "MessageBird"), .init("nbf", .integer(wall / 1000)), .init("exp", .integer(wall / 1000 + 60)),
            .init("jti", .string(ids.nextUUID())),
            .init("url_hash", .string(Digest.hexadecimal(Digest.sha256(Array(letter.url.utf8))))),
        ]
        if !body.isEmpty { claims.append(.init("payload_hash", .string(Digest.hexadecimal(Digest.sha256(body))))) }
        let header = Base64.encodeURL(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8))
        let signed = "\(header).\(Base64.encodeURL(JSONValue.object(claims).bytes))"
        let key = messageBirdKey + (letter.isForged ? "x" : "")
        let signature = Digest.hmacSHA256(Array(signed.utf8), key: Array(key.utf8))
        var request = HTTPRequest(method: type == nil ? "GET" : "POST", target: letter.url, body: body)
        request.headers["Content-Type"] = type
        request.headers.add("MessageBird-Signature-JWT", "\(signed).\(Base64.encodeURL(signature))")
        request.headers.add("User-Agent", "MessageBird/webhook")
        return request
    }
}

/// Ids for those who share one maker.
final class SharedReferences: Sendable {
    private let maker = ReferenceMaker()
    func next() -> String { maker.next() }
    func nextUUID() -> String { maker.nextUUID() }
    func hexadecimal() -> String { maker.hexadecimal() }
}
