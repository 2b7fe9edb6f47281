import WaypostCore
import WaypostHTTP
import WaypostJSON

/// Whether MessageBird has the text of an attempt whose answer was lost. There is no filter by reference: the recipient's
/// messages around that time are read, and their references compared. MMS, calls and conversations have no list to ask.
extension MessageBird: InquirableProvider {
    /// How far its clock may lie off, and how late it may take what was given up: bounds the list alone.
    private static let allowance = Duration.seconds(600)
    private static let page = 100

    /// What is not on the list tells by itself, where it may call back; MMS has no place for the address to call.
    package func evidence(for message: Message) -> Evidence {
        switch message.content {
        case .sms(let sms): MessageBirdText.isMMS(sms) ? .none : .inquiry
        case .whatsapp, .voice: reportsDelivery ? .callback : .none
        case .email, .push: .none
        }
    }

    package func inquiry(about context: AttemptContext, endedAt: Timestamp) throws(Failure) -> TransportRequest {
        guard let sms = context.message.content.sms, !MessageBirdText.isMMS(sms) else {
            throw Failure(.unsuitable, "MessageBird lists only text messages")
        }
        var query = FormBody()
        query.add("recipient", String(sms.to.digits))
        query.add("from", Self.time(context.startedAt - Self.allowance))
        query.add("until", Self.time(endedAt + Self.allowance))
        query.add("limit", String(Self.page))
        return messages(query)
    }

    package func finding(
        in reply: TransportReply, about context: AttemptContext, endedAt: Timestamp, at now: Timestamp
    ) -> InquiryFinding {
        guard case .http(let response) = reply else { return .unknown(reason: Failure.foreignReply.detail) }
        let body = try? JSONValue(parsing: response.body)
        let errors = MessageBirdErrors(in: body)
        guard response.status == 200, errors == nil else {
            return .unknown(
                reason: redaction.sentence(
                    errors?.summary(status: response.status) ?? "MessageBird answered \(response.status)",
                    errors?.words))
        }
        guard let items = body?["items"]?.array else {
            return .unknown(reason: "MessageBird's list cannot be read")
        }
        let reference = "\(context.message.id)"
        // The newest first; an older one is an earlier attempt's.
        let found = items.filter { $0["reference"]?.string == reference }.compactMap { $0["id"]?.string }
        if !found.isEmpty { return .found(references: found) }
        if let total = body?["totalCount"]?.integer, total > Int64(items.count) {
            return .unknown(reason: "MessageBird has more messages to the recipient than it shows at once")
        }
        return .nothing
    }

    /// RFC 3339 in whole seconds.
    private static func time(_ time: Timestamp) -> String { "\(time.description.prefix(19))Z" }
}
