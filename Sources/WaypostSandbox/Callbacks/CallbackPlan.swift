/// Decides what is told when: the outcomes' rules, the chances of the way, and which letters come of an order. It reads no
/// clock and sends nothing.
struct CallbackPlan: Sendable {
    /// A letter, and how long from now it is due.
    struct Dated: Sendable {
        var letter: Letter
        var after: Duration
    }

    var settings: Sandbox.Settings.Callbacks {
        didSet { if settings.transport != oldValue.transport { travels = [:] } }
    }
    var rules = OutcomeRules()
    private let aws: Sandbox.Settings.AWS
    private let twilioAccount: String
    /// Per provider: how its callbacks travel, and the generator that its chances come from.
    private var travels: [StandIn: (transport: CallbackTransport, random: SplitMix64)] = [:]
    /// What a message named last as its status callback.
    private var lastURLs: [StandIn: String] = [:]

    init(_ settings: Sandbox.Settings) {
        self.settings = settings.callbacks
        aws = settings.aws
        twilioAccount = settings.twilio.accountSID
    }

    func transport(of provider: StandIn) -> CallbackTransport { travels[provider]?.transport ?? settings.transport }

    /// For one provider, or for all.
    mutating func set(_ transport: CallbackTransport, for provider: StandIn?) {
        guard let provider else { return settings.transport = transport }
        travels[provider] = (transport, SplitMix64(state: transport.seed))
    }

    // MARK: What is told of an order

    /// The callbacks of what was taken, and the counts that change by chances alone.
    mutating func letters(
        for order: TakenOrder, at wall: Int64, ids: SharedReferences, counts: inout CallbackCounts
    ) -> [Dated] {
        guard settings.isOn else { return [] }
        var dated: [Dated] = []
        for chain in chains(for: order, at: wall, ids: ids) {
            dated += travel(chain, of: order.provider, ids: ids, counts: &counts)
        }
        return dated
    }

    private mutating func chains(for order: TakenOrder, at wall: Int64, ids: SharedReferences) -> [[Step]] {
        switch order {
        case .sendGrid(let mail, let id):
            guard let url = settings.sendGridURL else { return [] }
            let script = SendGridScript(url: url, mail: mail, id: id, wall: wall, newID: ids.next)
            return script.recipients.map { address, personalization in
                let (outcome, detail) = rules.outcome(of: address, at: .sendgrid)
                return script.steps(for: address, personalization: personalization, outcome, detail: detail)
            }
        case .ses(let body, let recipients, let id):
            guard let url = settings.sesURL else { return [] }
            let script = SESScript(
                url: url, body: body, recipients: recipients, id: id, aws: aws, wall: wall, newID: ids.nextUUID)
            let chains = recipients.map { address in
                let (outcome, detail) = rules.outcome(of: address, at: .ses)
                return script.steps(for: address, outcome, detail: detail)
            }
            guard chains.contains(where: { !$0.isEmpty }) else { return [] }
            return chains.enumerated().map { $0.offset == 0 ? [script.send] + $0.element : $0.element }
        case .twilio(let request, let sid, let first):
            if let url = request["StatusCallback"] { lastURLs[.twilio] = url }
            let to = request["To"] ?? ""
            let (outcome, detail) = rules.outcome(of: TwilioParty(to).address, at: .twilio)
            let script = TwilioScript(account: twilioAccount, request: request, sid: sid, first: first, wall: wall)
            let stop = Inbound(.twilio, from: to, to: request["From"] ?? "", body: "STOP", optOutType: "STOP")
            return [script.steps(outcome, detail: detail) + inbound(stop, if: outcome, at: wall, ids: ids)]
        case .messageBird(let body, let kind, let numbers, let id):
            if let url = body["reportUrl"]?.string { lastURLs[.messagebird] = url }
            let script = MessageBirdScript(settings: settings, wall: wall)
            return numbers.map { number in
                let (outcome, detail) = rules.outcome(of: "+\(number)", at: .messagebird)
                let originator = body["originator"]?.string ?? ""
                let stop = Inbound(.messagebird, from: "+\(number)", to: originator, body: "STOP")
                return script.steps(body, kind, id, to: number, outcome, detail: detail)
                    + inbound(stop, if: outcome, at: wall, ids: ids)
            }
        case .messageBirdCall(let body, let id):
            let (outcome, _) = rules.outcome(of: "+\(body["destination"]?.string ?? "")", at: .messagebird)
            return [MessageBirdScript(settings: settings, wall: wall).call(body, id, outcome)]
        case .messageBirdConversation(let body, let id):
            if let url = body["reportUrl"]?.string { lastURLs[.messagebird] = url }
            let (outcome, detail) = rules.outcome(of: body["to"]?.string ?? "", at: .messagebird)
            return [
                MessageBirdScript(settings: settings, wall: wall).conversation(body, id, outcome, detail: detail)
            ]
        }
    }

    private func inbound(_ message: Inbound, if outcome: CallbackOutcome, at wall: Int64, ids: SharedReferences)
        -> [Step]
    {
        guard outcome == .unsubscribe, let url = inboundURL(of: message.provider) else { return [] }
        return [Step(message.letter(to: url, account: twilioAccount, at: wall, ids: ids))]
    }

    // MARK: Inbound messages

    /// As set, or beside the status callback that was named last: `…/webhooks/twilio/status` gives
    /// `…/webhooks/twilio/inbound`.
    func inboundURL(of provider: StandIn) -> String? {
        let given = provider == .twilio ? settings.twilioInboundURL : settings.messageBirdInboundURL
        if let given { return given }
        guard let path = lastURLs[provider]?.prefix(while: { $0 != "?" && $0 != "#" }),
            let slash = path.lastIndex(of: "/")
        else { return nil }
        return path[..<slash] + "/inbound"
    }

    /// nil where nobody has said where it goes.
    func letter(for message: Inbound, at wall: Int64, ids: SharedReferences) -> Letter? {
        guard let url = message.url ?? inboundURL(of: message.provider) else { return nil }
        return message.letter(to: url, account: twilioAccount, at: wall, ids: ids)
    }

    // MARK: The way

    /// Every letter draws the same number of chances, so that one share does not move the others.
    private mutating func travel(
        _ chain: [Step], of provider: StandIn, ids: SharedReferences, counts: inout CallbackCounts
    ) -> [Dated] {
        var (transport, random) = travels[provider] ?? (settings.transport, SplitMix64(state: settings.transport.seed))
        defer { travels[provider] = (transport, random) }
        var dated: [Dated] = []
        var due: Duration = .zero
        for step in chain {
            let span = transport.delay.upperBound - transport.delay.lowerBound
            due += transport.delay.lowerBound + span * random.unit()
            let isLost = random.unit() < transport.loss
            let isDouble = random.unit() < transport.duplicate
            let isAgain = random.unit() < transport.again
            let isLate = random.unit() < transport.reorder
            let isForged = random.unit() < transport.forge
            var letter = step.letter
            letter.token = ids.nextUUID()
            if isForged {
                var forged = letter
                forged.isForged = true
                forged.deliveries = 0
                dated.append(Dated(letter: forged, after: due))
            }
            guard !isLost else {
                counts.lost += 1
                continue
            }
            let moment = due + (isLate ? transport.reorderDelay : .zero)
            if isLate { counts.reordered += 1 }
            dated.append(Dated(letter: letter, after: moment))
            if isDouble {
                counts.duplicated += 1
                letter.deliveries = 0
                dated.append(Dated(letter: letter, after: moment + transport.delay.lowerBound))
            }
            if isAgain, var other = step.again {
                counts.again += 1
                other.deliveries = 0
                dated.append(Dated(letter: other, after: moment + transport.delay.lowerBound))
            }
        }
        return dated
    }

    /// Whether the provider posts again after that answer (nil: none), and when; nil: it gives up.
    func retry(of letter: Letter, after status: Int?) -> Duration? {
        let transport = transport(of: letter.provider)
        guard !letter.isForged, letter.failures < transport.retries else { return nil }
        switch (letter.provider, status) {
        case (.ses, let status?) where (400...499).contains(status) && status != 429: return nil  // final for SNS
        case (.twilio, let status?) where status < 500: return nil  // Twilio repeats for connections that fail
        default: return transport.retryDelay * (1 << letter.failures)
        }
    }
}

extension TakenOrder {
    var provider: StandIn {
        switch self {
        case .sendGrid: .sendgrid
        case .ses: .ses
        case .twilio: .twilio
        case .messageBird, .messageBirdCall, .messageBirdConversation: .messagebird
        }
    }
}
