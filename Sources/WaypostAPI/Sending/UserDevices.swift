import WaypostCore
import WaypostServer

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

/// Sending to `{"user"}`: whom it reaches is known to the store alone.
extension API {
    /// Goes on with each draft for the devices of the user that it names, all found by one look into the store; at once where
    /// no draft names one. A user without a device is a problem of that draft, at `pointer` of its place.
    func findingDevices(
        for drafts: [Result<Draft, Problem>], _ call: Call, at pointer: @escaping @Sendable (Int) -> String,
        then: @escaping @Sendable ([Result<Draft, Problem>]) -> Answer
    ) -> Answer {
        let users = Set(drafts.compactMap { try? $0.get().user })
        guard !users.isEmpty else { return then(drafts) }
        return .later { [self] reply in
            onReader(call, reply) { [self] in
                let targets = try services.people.targets(ofUsers: users, at: call.now)
                then(Self.drafts(drafts, reaching: targets, at: pointer)).send(to: reply)
            }
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
