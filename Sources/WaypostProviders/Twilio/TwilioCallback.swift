import WaypostCore
import WaypostHTTP

/// Twilio tells what became of messages, calls and recordings, and what people write, in one form post each.
extension Twilio: CallbackSource {
    package var reportsDelivery: Bool { settings.authToken != nil || !settings.webhookSharedKeys.isEmpty }

    package func verdict(
        on callback: Callback, certificates: [String: [UInt8]], at now: Timestamp
    ) -> CallbackVerdict {
        TwilioSignature(settings).verdict(on: callback)
    }

    package func news(in callback: Callback, at now: Timestamp) -> CallbackNews {
        let fields = callback.request.method == "GET" ? callback.query : callback.form
        guard let fields else { return .ok }
        let report = TwilioReport(fields: fields, query: callback.query, redaction: redaction, now: now)
        // Who writes or calls is answered by TwiML: nothing.
        var news = report.isIncoming ? CallbackNews(answer: Self.silence) : .ok
        news.receipts = [report.receipt].compactMap(\.self)
        return news
    }

    private static let silence = HTTPResponse(
        status: 200, headers: HTTPHeaders(["Content-Type": "text/xml; charset=utf-8"]),
        body: Array(#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#.utf8))
}

/// One callback's fields, read. Its kind is told by them alone: an account's settings may send any kind to any path.
///
/// https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
struct TwilioReport {
    let fields: FormFields
    let query: FormFields?
    let redaction: Redaction
    let now: Timestamp

    private var callSID: String? { fields["CallSid"] }
    private var messageSID: String? { fields["MessageSid"] ?? fields["SmsSid"] ?? fields["SmsMessageSid"] }
    private var status: String? { (fields["MessageStatus"] ?? fields["SmsStatus"])?.lowercased() }

    /// Whether a person began it: a text to one of our numbers, or a call.
    var isIncoming: Bool {
        if callSID != nil { return fields["Direction"]?.lowercased() == "inbound" }
        return isInbound
    }

    private var isInbound: Bool {
        switch status {
        case "received", "receiving": true
        case nil: fields["From"] != nil && ["Body", "NumMedia", "OptOutType"].contains { fields[$0] != nil }
        default: false
        }
    }

    /// nil for what tells nothing about a message.
    var receipt: Receipt? {
        if let recording = fields["RecordingSid"], fields["RecordingStatus"] != nil { return self.recording(recording) }
        if let call = callSID { return isIncoming ? nil : self.call(call) }
        guard let message = messageSID else { return nil }
        return isInbound ? inbound(message) : delivery(of: message)
    }

    private func receipt(_ id: String, of reference: String?, _ channel: Channel, _ news: Receipt.News) -> Receipt {
        var receipt = Receipt(id: id, channel: channel, news: news, at: now)
        receipt.takeIDs(from: query)
        receipt.reference = reference
        receipt.address = fields["To"].flatMap { PhoneParty($0).address }
        return receipt
    }

    private func facts(_ names: String...) -> [Message.KeyValue] {
        names.compactMap { name in fields[name].map { .init(key: name, value: String($0.prefix(500))) } }
    }

    // MARK: Messages

    private var channel: Channel {
        let isWhatsApp = ["To", "From"].contains { fields[$0].map { PhoneParty($0).isWhatsApp } ?? false }
        return isWhatsApp ? .whatsapp : .sms
    }

    private func delivery(of sid: String) -> Receipt? {
        guard let status else { return nil }
        var receipt = receipt("\(sid)/\(status)", of: sid, channel, .taken)
        receipt.code = fields["ErrorCode"]
        receipt.facts = facts("RawDlrDoneDate", "ChannelStatusCode", "EventType")
        if let words = fields["ChannelStatusMessage"] {
            receipt.facts.append(.init(key: "ChannelStatusMessage", value: redaction.quote(words)))
        }
        switch status {
        case "accepted", "scheduled", "queued", "sending", "sent", "partially_delivered": break
        case "delivered": receipt.news = .delivered
        case "read": receipt.news = .read
        case "canceled": receipt.fail(Failure(.refusedMessage, "it was canceled at Twilio"))
        case "failed", "undelivered":
            guard let failure = failure(status) else { return nil }
            receipt.fail(failure)
        default: return nil
        }
        return receipt
    }

    /// nil where the code is a remark.
    private func failure(_ status: String) -> Failure? {
        let words = fields["ErrorCode"]
        let code = words.flatMap { Int($0) }
        if let code, TwilioError.remarks.contains(code) { return nil }
        let detail = redaction.sentence(
            "Twilio reports \(status)\(code.map { " with code \($0)" } ?? "")", fields["ErrorMessage"])
        // "To is not valid" is also said where nobody but the sender himself is meant.
        if code == 21211, let to = fields["To"], to == fields["From"] {
            return Failure(.refusedMessage, detail, code: words)
        }
        // What nobody explains says nothing about Twilio, and may go well the next time (`unknown_code_rule`).
        return code.flatMap { TwilioError.failure($0, detail) }
            ?? Failure(.unavailable, detail, scope: .endpoint, code: words, breaker: BreakerEffect.none)
    }

    private func inbound(_ sid: String) -> Receipt? {
        guard let from = fields["From"] else { return nil }
        let text = fields["Body"] ?? ""
        var inbound = Inbound(
            from: PhoneParty(from).text, to: fields["To"].map { PhoneParty($0).text } ?? "", text: text)
        inbound.media = (0..<10).compactMap { fields["MediaUrl\($0)"] }
        inbound.keyword =
            fields["OptOutType"].flatMap { OptKeyword(rawValue: $0.lowercased()) } ?? OptKeyword(text: text)
        var receipt = receipt("\(sid)/received", of: sid, channel, .inbound(inbound))
        receipt.address = nil
        receipt.facts = facts("MessagingServiceSid", "NumSegments", "OptOutType")
        return receipt
    }

    // MARK: Calls

    private func call(_ sid: String) -> Receipt? {
        guard let status = fields["CallStatus"]?.lowercased() else { return answering(sid) }
        var receipt = receipt("\(sid)/\(fields["SequenceNumber"] ?? status)", of: sid, .voice, .taken)
        if let text = fields["Timestamp"] { receipt.at = Self.moment(text) ?? now }
        receipt.code = fields["ErrorCode"] ?? fields["SipResponseCode"]
        receipt.facts = facts(
            "CallStatus", "CallDuration", "AnsweredBy", "MachineDetectionDuration", "SipResponseCode", "RecordingSid",
            "RecordingUrl", "RecordingDuration")
        switch status {
        case "queued", "initiated", "ringing", "in-progress", "answered": break
        case "completed": receipt.news = .delivered
        case "canceled": receipt.fail(Failure(.refusedMessage, "it was canceled at Twilio"))
        case "busy", "no-answer":
            receipt.fail(
                Failure(
                    .unavailable, status == "busy" ? "the line was busy" : "nobody answered", scope: .endpoint,
                    breaker: BreakerEffect.none))
        case "failed":
            receipt.fail(callFailure)
        default: return nil
        }
        return receipt
    }

    /// Twilio's code decides; else the network's, whose 4xx and 6xx are about the number (RFC 3261 section 21).
    private var callFailure: Failure {
        if fields["ErrorCode"] != nil, let failure = failure("failed") { return failure }
        let sip = fields["SipResponseCode"]
        let detail = "the call failed\(sip.flatMap { Int($0) }.map { " with SIP code \($0)" } ?? "")"
        guard sip?.hasPrefix("4") == true || sip?.hasPrefix("6") == true else {
            return Failure(.unavailable, detail, code: sip)
        }
        return Failure(.unavailable, detail, scope: .endpoint, code: sip, breaker: BreakerEffect.none)
    }

    /// What goes on beside the call: a machine was told from a person.
    private func answering(_ sid: String) -> Receipt? {
        guard fields["AnsweredBy"] != nil else { return nil }
        var receipt = receipt("\(sid)/answered-by", of: sid, .voice, .taken)
        receipt.facts = facts("AnsweredBy", "MachineDetectionDuration")
        return receipt
    }

    private func recording(_ sid: String) -> Receipt {
        var receipt = receipt(
            "\(sid)/\(fields["RecordingStatus"]?.lowercased() ?? "")", of: callSID, .voice, .taken)
        receipt.facts = facts(
            "RecordingSid", "RecordingUrl", "RecordingStatus", "RecordingDuration", "RecordingChannels",
            "RecordingErrorCode")
        return receipt
    }

    /// `Wed, 15 Jan 2025 12:00:20 +0000`.
    private static func moment(_ text: String) -> Timestamp? {
        HTTPDate.parse(text.hasSuffix(" +0000") ? "\(text.dropLast(5))GMT" : text)
    }
}
