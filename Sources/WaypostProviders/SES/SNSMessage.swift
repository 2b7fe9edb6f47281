import WaypostCore
import WaypostCrypto
import WaypostJSON

/// What Amazon SNS posts to a subscribed URL: an envelope of JSON with a signature over some of its fields.
/// https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
struct SNSMessage: Equatable {
    enum Kind: String {
        case notification = "Notification"
        case subscriptionConfirmation = "SubscriptionConfirmation"
        case unsubscribeConfirmation = "UnsubscribeConfirmation"
    }

    enum Version: String { case one = "1", two = "2" }

    let kind: Kind
    let id: String
    let topicARN: String
    let text: String
    let subject: String?
    /// As it is written, since it is signed.
    let timestamp: String
    let version: Version
    /// Base 64.
    let signature: String
    let certificateURL: String
    /// Of a confirmation alone, as is the token.
    let subscribeURL: String?
    let token: String?

    /// Why a body is none, for the log.
    struct Flaw: Error, Equatable { let complaint: String }

    init(_ body: [UInt8]) throws(Flaw) {
        guard let json = try? JSONValue(parsing: body), json.members != nil else {
            throw Flaw(complaint: "it is no JSON object")
        }
        func field(_ name: String) throws(Flaw) -> String {
            guard let text = json[name]?.string, !text.isEmpty else { throw Flaw(complaint: "\(name) is missing") }
            return text
        }
        guard let kind = Kind(rawValue: try field("Type")) else { throw Flaw(complaint: "its Type is unknown") }
        guard let version = Version(rawValue: try field("SignatureVersion")) else {
            throw Flaw(complaint: "its SignatureVersion is unknown")
        }
        self.kind = kind
        self.version = version
        id = try field("MessageId")
        topicARN = try field("TopicArn")
        guard let text = json["Message"]?.string else { throw Flaw(complaint: "Message is missing") }
        self.text = text
        subject = json["Subject"]?.string
        timestamp = try field("Timestamp")
        signature = try field("Signature")
        certificateURL = try field("SigningCertURL")
        subscribeURL = kind == .notification ? nil : try field("SubscribeURL")
        token = kind == .notification ? nil : try field("Token")
    }

    /// Each signed field and its value, in the order of their names, a line each. A confirmation of an unsubscription signs
    /// the same fields as one of a subscription; some of Amazon's own libraries leave its token out.
    var signedText: [UInt8] {
        let fields: [(String, String?)] =
            switch kind {
            case .notification:
                [
                    ("Message", text), ("MessageId", id), ("Subject", subject), ("Timestamp", timestamp),
                    ("TopicArn", topicARN), ("Type", kind.rawValue),
                ]
            case .subscriptionConfirmation, .unsubscribeConfirmation:
                [
                    ("Message", text), ("MessageId", id), ("SubscribeURL", subscribeURL), ("Timestamp", timestamp),
                    ("Token", token), ("TopicArn", topicARN), ("Type", kind.rawValue),
                ]
            }
        var signed: [UInt8] = []
        signed.reserveCapacity(text.utf8.count + 512)
        for case (let name, let value?) in fields {
            signed.append(contentsOf: name.utf8)
            signed.append(UInt8(ascii: "\n"))
            signed.append(contentsOf: value.utf8)
            signed.append(UInt8(ascii: "\n"))
        }
        return signed
    }

    /// Whether the signature is `key`'s: RSA with SHA-1 in version 1, with SHA-256 in version 2.
    func isSigned(by key: VerifyingKey) -> Bool {
        guard let signature = Base64.decode(signature) else { return false }
        return switch version {
        case .one: key.isValid(sha1: signature, for: signedText)
        case .two: key.isValid(signature, for: signedText)
        }
    }
}
