import Synchronization
import WaypostHTTP
import WaypostJSON

/// The topic that SES's events go to, with its one HTTP subscription: envelopes signed with RSA, and the place whence the
/// certificate is fetched and where the subscription is confirmed.
///
/// https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
final class SNSTopic: Sendable {
    let arn: String
    /// 1: SHA-1, 2: SHA-256.
    let version: Int
    /// Of the certificate, in PEM.
    let certificate: String
    let token: String
    private let key: PrivateKey
    private let file: String
    private let subscription: String
    private let state = Mutex((endpoint: "", isConfirmed: false))

    init(arn: String, version: Int) throws(TLSFailure) {
        self.arn = arn
        self.version = version
        key = try PrivateKey.sharedRSA.get()
        let certificate = try TLSIdentity.Certificate("sns.amazonaws.com", for: key, serial: 3)
        try certificate.sign(as: certificate, with: key)
        self.certificate = try certificate.pem()
        let ids = ReferenceMaker()
        token = ids.hexadecimal() + ids.hexadecimal()
        file = "/SimpleNotificationService-\(ids.hexadecimal()).pem"
        subscription = "\(arn):\(ids.nextUUID())"
    }

    /// `https://host:port` of the listener that answers for it.
    var endpoint: String {
        get { state.withLock { $0.endpoint } }
        set { state.withLock { $0.endpoint = newValue } }
    }

    var isConfirmed: Bool { state.withLock { $0.isConfirmed } }

    /// Forgets the confirmation: the subscription is a new one.
    func renew() { state.withLock { $0.isConfirmed = false } }

    private var certificateURL: String { endpoint + file }
    private var subscribeURL: String {
        "\(endpoint)/?Action=ConfirmSubscription&TopicArn=\(PercentEncoding.encode(arn))&Token=\(token)"
    }

    /// A notification with that text, or the confirmation of the subscription. `time` in milliseconds since 1970.
    func request(_ letter: Letter, text: String?, id: String, at time: Int64) -> HTTPRequest? {
        let type = text == nil ? "SubscriptionConfirmation" : "Notification"
        var fields = [("Type", type), ("MessageId", id)]
        if text == nil { fields.append(("Token", token)) }
        fields.append(("TopicArn", arn))
        if text != nil { fields.append(("Subject", "Amazon SES Email Event Notification")) }
        let invitation =
            "You have chosen to subscribe to the topic \(arn).\nTo confirm the subscription, visit the SubscribeURL "
            + "included in this message."
        fields.append(("Message", text ?? invitation))
        if text == nil { fields.append(("SubscribeURL", subscribeURL)) }
        fields.append(("Timestamp", WallClock.text(time)))
        // The signed fields are all of them up to here, in the order of their names.
        let signed = fields.sorted { $0.0 < $1.0 }.map { "\($0.0)\n\($0.1)\n" }.joined() + (letter.isForged ? "x" : "")
        guard let signature = key.signature(of: Array(signed.utf8), isSHA1: version == 1) else { return nil }
        fields += [
            ("SignatureVersion", String(version)), ("Signature", Base64.encode(signature)),
            ("SigningCertURL", certificateURL),
        ]
        if text != nil {
            let address = "\(endpoint)/?Action=Unsubscribe&SubscriptionArn=\(PercentEncoding.encode(subscription))"
            fields.append(("UnsubscribeURL", address))
        }
        let body = JSONValue.object(fields.map { .init($0.0, .string($0.1)) }).bytes
        var headers = HTTPHeaders([
            "x-amz-sns-message-type": type, "x-amz-sns-message-id": id, "x-amz-sns-topic-arn": arn,
            "Content-Type": "text/plain; charset=UTF-8", "User-Agent": "Amazon Simple Notification Service Agent",
        ])
        if text != nil { headers.add("x-amz-sns-subscription-arn", subscription) }
        return HTTPRequest(method: "POST", target: letter.url, headers: headers, body: body)
    }
}

extension SNSTopic: HTTPService {
    func conclude(_ request: HTTPRequest, under fault: ActiveFault?, on connection: Int) -> Conclusion {
        Conclusion(answer: .whole(answer(request)))
    }

    private func answer(_ request: HTTPRequest) -> HTTPResponse {
        if request.method == "GET", request.path == file {
            return HTTPResponse(
                status: 200, headers: HTTPHeaders(["Content-Type": "application/x-pem-file"]),
                body: Array(certificate.utf8))
        }
        guard request.path == "/", let query = FormFields(request.query.utf8), let action = query["Action"] else {
            return HTTPResponse(status: 404)
        }
        switch action {
        case "ConfirmSubscription" where query["TopicArn"] == arn && query["Token"] == token:
            state.withLock { $0.isConfirmed = true }
            return Self.xml(200, "ConfirmSubscription", "<SubscriptionArn>\(subscription)</SubscriptionArn>")
        case "Unsubscribe" where query["SubscriptionArn"] == subscription:
            state.withLock { $0.isConfirmed = false }
            return Self.xml(200, "Unsubscribe", "")
        default: return Self.xml(400, "Error", "<Code>InvalidParameter</Code><Message>Invalid token</Message>")
        }
    }

    private static func xml(_ status: Int, _ name: String, _ content: String) -> HTTPResponse {
        let text =
            "<\(name)Response xmlns=\"https://sns.amazonaws.com/doc/2010-03-31/\"><\(name)Result>\(content)"
            + "</\(name)Result></\(name)Response>"
        return HTTPResponse(status: status, headers: HTTPHeaders(["Content-Type": "text/xml"]), body: Array(text.utf8))
    }
}
