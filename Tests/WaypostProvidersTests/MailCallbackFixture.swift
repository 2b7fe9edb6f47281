import WaypostConfiguration
import WaypostCore
import WaypostCrypto
import WaypostHTTP
import WaypostJSON

@testable import WaypostProviders

/// Callbacks of mail providers.
extension Fixture {
    static let topic = "arn:aws:sns:us-east-1:123456789012:ses-events"
    static let certificateURL = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123.pem"

    static func callback(
        _ body: [UInt8], _ headers: HTTPHeaders = HTTPHeaders(), tolerance: Duration = .seconds(600)
    ) -> Callback {
        Callback(
            topic: nil, request: HTTPRequest(method: "POST", target: "/webhooks/one", headers: headers, body: body),
            publicURL: "https://waypost.example.com", tolerance: tolerance)
    }

    static func sendGrid(keys: String?...) -> SendGrid {
        SendGrid(
            name: "sendgrid",
            settings: .init(
                apiKey: Secret(apiKey), from: sender, webhookPublicKey: keys.first ?? nil,
                previousWebhookPublicKey: keys.dropFirst().first ?? nil), transfer: TransferSettings())
    }

    static func ses(_ topics: [String], _ change: (inout SES.Settings) -> Void = { _ in }) -> SES {
        var settings = SES.Settings(
            region: "us-east-1", accessKeyID: "AKIDEXAMPLE", secretAccessKey: Secret(awsSecret), from: sender,
            configurationSet: "waypost", snsTopicARNs: topics)
        change(&settings)
        return SES(name: "ses", settings: settings, transfer: TransferSettings())
    }

    /// An SNS notification of an event of SES, not signed.
    static func notification(_ text: String, id: String = "22b80b92") -> [UInt8] {
        JSONValue.object([
            .init("Type", "Notification"), .init("MessageId", .string(id)), .init("TopicArn", .string(topic)),
            .init("Message", .string(text)), .init("Timestamp", "2025-01-15T12:00:00.000Z"),
            .init("SignatureVersion", "2"), .init("Signature", "AAAA"),
            .init("SigningCertURL", .string(certificateURL)),
        ]).bytes
    }
}

extension Receipt {
    /// The case's name alone.
    var word: String { String("\(news)".prefix { $0 != "(" }) }
}
