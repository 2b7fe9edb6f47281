import WaypostCore
import WaypostCrypto
import WaypostHTTP

/// SES tells by way of SNS: a configuration set publishes events to a topic, and the topic posts them to us.
/// https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
extension SES: CallbackSource {
    /// `Send` events carry our ids as tags, where a configuration set publishes them.
    package var evidence: Evidence { isTold ? .callback : .none }
    package var reportsDelivery: Bool { isTold }

    private var isTold: Bool { settings.configurationSet != nil && !settings.snsTopicARNs.isEmpty }

    /// What costs nothing comes first; nothing is fetched for a topic that is not ours.
    package func verdict(
        on callback: Callback, certificates: [String: [UInt8]], at now: Timestamp
    ) -> CallbackVerdict {
        let headers = callback.request.headers
        guard headers["x-amz-sns-rawdelivery"] == nil else {
            return .refused("it is a raw delivery, which is not signed: switch RawMessageDelivery off")
        }
        if let topic = headers["x-amz-sns-topic-arn"], !settings.snsTopicARNs.contains(topic) {
            return .refused("its topic is not in sns_topic_arns")
        }
        let message: SNSMessage
        do throws(SNSMessage.Flaw) { message = try SNSMessage(callback.request.body) } catch {
            return .refused(error.complaint)
        }
        guard settings.snsTopicARNs.contains(message.topicARN), let region = SNSAddress.region(of: message.topicARN)
        else { return .refused("its topic is not in sns_topic_arns") }
        if let objection = objection(to: message, headers: headers, tolerance: callback.tolerance, at: now) {
            return .refused(objection)
        }
        let addresses = SNSAddress(endpoint: settings.snsEndpoint)
        guard addresses.isCertificate(message.certificateURL, region: String(region)) else {
            return .refused("its SigningCertURL is not SNS's")
        }
        if let url = message.subscribeURL, !addresses.isConfirmation(url, region: String(region)) {
            return .refused("its SubscribeURL is not SNS's")
        }
        guard let pem = certificates[message.certificateURL] else { return .certificate(url: message.certificateURL) }
        // Its host was trusted when it was fetched; its name tells it from others that the host might hand out.
        let names = ["sns.amazonaws.com", "sns.\(region).amazonaws.com", "sns.\(region).amazonaws.com.cn"]
        let certificate: Certificate
        do throws(CertificateFlaw) {
            certificate = try self.certificates.certificate(
                at: message.certificateURL, pem: pem,
                issuedFor: addresses.isAtEndpoint(message.certificateURL) ? [] : names)
        } catch {
            return .refused("its certificate \(error.complaint)")
        }
        guard certificate.validity.contains(now.unixSeconds) else { return .refused("its certificate is out of date") }
        return message.isSigned(by: certificate.key) ? .genuine : .refused("its signature is wrong")
    }

    /// SNS may go on for an hour with the time of the first try (the most that a topic's retry policy can ask for), so it is
    /// never held to less; who repeats one within the hour is stopped by the ids of its events.
    static let shortestTolerance: Duration = .seconds(3600)

    private func objection(
        to message: SNSMessage, headers: HTTPHeaders, tolerance: Duration, at now: Timestamp
    ) -> String? {
        guard headers["x-amz-sns-message-type"] == message.kind.rawValue else {
            return "its header and its body differ in the message's type"
        }
        for (name, value) in [("x-amz-sns-topic-arn", message.topicARN), ("x-amz-sns-message-id", message.id)] {
            if let header = headers[name], header != value { return "its header \(name) differs from its body" }
        }
        if message.version == .one, settings.refusesSNSVersion1 {
            return "it is signed by SHA-1: set the topic's SignatureVersion to 2"
        }
        guard let time = Timestamp(message.timestamp) else { return "its Timestamp is not a time" }
        guard SignedTime.isFresh(time, at: now, within: max(tolerance, Self.shortestTolerance)) else {
            return "its Timestamp is too far off"
        }
        return nil
    }

    package func news(in callback: Callback, at now: Timestamp) -> CallbackNews {
        var news = CallbackNews.ok
        guard let message = try? SNSMessage(callback.request.body) else { return news }
        switch message.kind {
        case .notification:
            // Not JSON: the text that SES sends once, when the topic is set up.
            news.receipts = SESEvent(message)?.receipts(at: now, redaction: redaction) ?? []
        case .subscriptionConfirmation:
            news.confirmation = message.subscribeURL
            news.notice = "SNS asks to confirm the subscription to \(message.topicARN)"
        case .unsubscribeConfirmation:
            // It offers to subscribe again, which is for whoever ended it to decide.
            news.notice = "the subscription to \(message.topicARN) was ended: no more events come from it"
        }
        return news
    }
}
