import WaypostCore
import WaypostPolicy
import WaypostServer
import WaypostStore

extension Draft {
    /// The same, for these devices of its user: a delivery each.
    func reaching(_ devices: [Push.Device]) -> Draft {
        guard case .push(var push) = content else { return self }
        push.targets = devices.map(Push.Target.device)
        var draft = self
        draft.content = .push(push)
        draft.deliveries = draft.content.deliveries.map { delivery in
            var delivery = delivery
            delivery.state = sendAt == nil ? .queued : .scheduled
            return delivery
        }
        return draft
    }
}

/// Whom a message reaches and where they live: the store alone knows.
extension API {
    /// Whether the store has something to say about it before it is taken in.
    func needsLookUp(_ draft: Draft) -> Bool {
        draft.user != nil || services.steering.current.policy.quietHours?.goesByRecipients(for: draft.type) == true
    }

    /// Goes on with each draft for the devices of the user that it names, and with its recipients' time zones where quiet
    /// hours ask for them, all found by one look into the store; at once where no draft asks. A user without a device is a
    /// problem of that draft, at `pointer` of its place.
    func lookingUp(
        for drafts: [Result<Draft, Problem>], _ call: Call, at pointer: @escaping @Sendable (Int) -> String,
        then: @escaping @Sendable ([Result<Draft, Problem>]) -> Answer
    ) -> Answer {
        guard drafts.contains(where: { (try? $0.get()).map(needsLookUp) == true }) else { return then(drafts) }
        return .later { [self] reply in
            onReader(call, reply) { [self] in then(try lookedUp(drafts, call, at: pointer)).send(to: reply) }
        }
    }

    /// The same on a thread that may block.
    func lookedUp(
        _ drafts: [Result<Draft, Problem>], _ call: Call, at pointer: (Int) -> String
    ) throws -> [Result<Draft, Problem>] {
        var drafts = drafts
        let users = Set(drafts.compactMap { try? $0.get().user })
        if !users.isEmpty {
            let targets = try services.people.targets(ofUsers: users, at: call.now)
            drafts = Self.drafts(drafts, reaching: targets, at: pointer)
        }
        guard let quiet = services.steering.current.policy.quietHours else { return drafts }
        let asking = drafts.indices.filter { index in
            (try? drafts[index].get()).map { quiet.goesByRecipients(for: $0.type) } == true
        }
        let contents = asking.compactMap { try? drafts[$0].get().content }
        for (index, zones) in zip(asking, try zones(of: contents, quiet)) {
            drafts[index] = drafts[index].map { draft in
                var draft = draft
                draft.zones = zones
                return draft
            }
        }
        return drafts
    }

    /// See `Message.zones`. Blocks where quiet hours ask.
    func zones(of message: Message) throws -> [String] {
        guard let quiet = services.steering.current.policy.quietHours, quiet.goesByRecipients(for: message.type) else {
            return []
        }
        return try zones(of: [message.content], quiet).first ?? []
    }

    /// The same whatever is configured. Blocks.
    func homes(of content: Content) throws -> [String] {
        let quiet = services.steering.current.policy.quietHours
        return try zones(of: [content], quiet ?? QuietHours(types: [], from: 0, to: 0)).first ?? []
    }

    private func zones(of contents: [Content], _ quiet: QuietHours) throws -> [[String]] {
        let people = contents.map(\.people)
        var found = try services.policies.zones(of: people.joined().compactMap(\.self))[...]
        return zip(contents, people).map { content, people in
            quiet.zones(of: content, known: people.map { $0 == nil ? [] : found.removeFirst() })
        }
    }

    /// `targets`: the devices of each user who has any.
    static func drafts(
        _ drafts: [Result<Draft, Problem>], reaching targets: [String: [Push.Device]], at pointer: (Int) -> String
    ) -> [Result<Draft, Problem>] {
        drafts.enumerated().map { place, draft in
            draft.flatMap { draft in
                guard let user = draft.user else { return .success(draft) }
                if let devices = targets[user], !devices.isEmpty { return .success(draft.reaching(devices)) }
                let complaint = "user \(user) has no device"
                return .failure(
                    Problem(
                        .noRoute, "No provider can carry this message: \(complaint).",
                        errors: [.init(pointer(place), complaint, code: .noRoute)]))
            }
        }
    }
}

extension Content {
    /// By what the store may know each delivery's recipient; nil where by nothing.
    fileprivate var people: [PolicyReader.Whom?] {
        switch self {
        case .email: deliveries.map { .email(NormalizedAddress.email($0.address)) }
        case .sms, .whatsapp, .voice: deliveries.map { .phone($0.address) }
        case .push(let push): push.targets.map { $0.device?.user.map { .user($0) } }
        }
    }
}
