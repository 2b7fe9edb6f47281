import WaypostCore
import WaypostHTTP
import WaypostJSON

/// Whether Twilio has the message or call of an attempt whose answer was lost. There is no look-up by our ids: its lists are
/// asked for the recipient and the day, and what fits is told by text and time.
extension Twilio: InquirableProvider {
    package func evidence(for message: Message) -> Evidence {
        kind.channels.contains(message.channel) ? .inquiry : .none
    }

    package func inquiry(about context: AttemptContext, endedAt: Timestamp) throws(Failure) -> TransportRequest {
        let content = context.message.content
        guard kind.channels.contains(content.channel), let to = content.phone?.text else {
            throw Failure(.unsuitable, "Twilio carries only SMS, WhatsApp and calls")
        }
        let isCall = content.channel == .voice
        var query = FormBody()
        query.add("To", TwilioMessage.address(to, on: content.channel))
        // A messaging service picks the number, and may not have yet.
        if case .address(let from) = sender(of: content) {
            query.add("From", TwilioMessage.address(from, on: content.channel))
        }
        let day = (context.startedAt - TwilioSightings.strayClock).description.prefix(10)
        query.add(isCall ? "StartTime>" : "DateSent>", String(day))
        query.add("PageSize", "1000")
        return get(isCall ? "Calls" : "Messages", query)
    }

    package func finding(
        in reply: TransportReply, about context: AttemptContext, endedAt: Timestamp, at now: Timestamp
    ) -> InquiryFinding {
        guard case .http(let response) = reply else { return .unknown(reason: Failure.foreignReply.detail) }
        let body = try? JSONValue(parsing: response.body)
        guard response.status == 200 else {
            let error = TwilioError(in: body)
            return .unknown(reason: redaction.sentence(error.summary(status: response.status), error.message))
        }
        let content = context.message.content
        guard let items = body?[content.channel == .voice ? "calls" : "messages"]?.array else {
            return .unknown(reason: "Twilio's list cannot be read")
        }
        let clock = response.headers["Date"].flatMap(HTTPDate.parse)
        let sightings = TwilioSightings(
            items, between: context.startedAt, and: endedAt, fast: clock.map { $0 - now } ?? .zero)
        let finding = sightings.finding(
            text: text(of: context.message), mayBeRewritten: mayRewrite(content))
        if finding == .nothing, body?["next_page_uri"]?.string != nil {
            return .unknown(reason: "Twilio has more messages to the recipient than it shows at once")
        }
        return finding
    }

    /// What its `body` says if nobody changes it; nil where that is not known: a call, or a template that Twilio keeps.
    private func text(of message: Message) -> String? {
        guard TwilioTemplate.contentSID(of: message, at: name) == nil else { return nil }
        return message.content.sms?.text ?? message.content.whatsapp?.text
    }

    /// Smart encoding, asked for by the message or set at the service, writes letters outside GSM-7 in other ways.
    private func mayRewrite(_ content: Content) -> Bool {
        guard let sms = content.sms, !GSMAlphabet.holds(sms.text) else { return false }
        if let smartEncoded = sms.smartEncoded { return smartEncoded }
        if case .service = sender(of: content) { return true }
        return false
    }
}

/// What of a list was made around the time of an attempt.
struct TwilioSightings {
    /// How far two clocks may lie apart where nothing says how far they do; bounds the list alone.
    static let strayClock = Duration.seconds(600)
    /// Twilio's times are whole seconds, and so is the time by which its clock is compared with ours.
    private static let early = Duration.seconds(5)
    /// What was taken from a connection that we had given up.
    private static let late = Duration.seconds(30)

    private var items: [(reference: String, text: String?, distance: Duration)] = []

    /// `fast`: by how much Twilio's clock is ahead of ours.
    init(_ list: [JSONValue], between startedAt: Timestamp, and endedAt: Timestamp, fast: Duration) {
        let (first, last) = (startedAt + fast - Self.early, endedAt + fast + Self.late)
        for item in list {
            guard let sid = item["sid"]?.string, item["direction"]?.string.map({ $0.hasPrefix("outbound") }) ?? true
            else { continue }
            // Without a time it cannot be excluded.
            let madeAt = item["date_created"]?.string.flatMap(Self.time)
            if let madeAt, !(first...last).contains(madeAt) { continue }
            let distance = madeAt.map { $0 - (startedAt + fast) } ?? Self.strayClock
            items.append((sid, item["body"]?.string, distance < .zero ? .zero - distance : distance))
        }
        items.sort { $0.distance < $1.distance }
    }

    /// `text`: nil where it is not known.
    func finding(text: String?, mayBeRewritten: Bool) -> InquiryFinding {
        guard let text else { return items.isEmpty ? .nothing : .perhaps(references: items.map(\.reference)) }
        let same = items.filter { $0.text == text }
        if !same.isEmpty { return .found(references: same.map(\.reference)) }
        // An account may have texts blotted out as soon as they are sent.
        let unclear = items.filter { mayBeRewritten || $0.text ?? "" == "" }
        return unclear.isEmpty ? .nothing : .perhaps(references: unclear.map(\.reference))
    }

    /// RFC 2822 in GMT: `Thu, 30 Jul 2015 20:12:31 +0000`.
    private static func time(_ text: String) -> Timestamp? {
        HTTPDate.parse(text.hasSuffix(" +0000") ? text.dropLast(5) + "GMT" : text)
    }
}
