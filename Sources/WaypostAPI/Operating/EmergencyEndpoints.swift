import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostJSON
import WaypostStore

/// `POST /v1/emergency/…`: what is done in one step when things go wrong.
extension API {
    func emergency(_ call: Call, _ procedure: Procedure) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let order = try EmergencyOrder.decode(try RequestBody.json(of: call.request), for: procedure).unwrap()
            if let name = order.provider, services.steering.current.gates[name] == nil {
                throw Problem(
                    .invalid, "There is no provider of that name.",
                    errors: [.init("/provider", "is not configured; GET /v1/providers lists what is")])
            }
            switch procedure {
            case .stopSending: return hold(.stopSending, order, target: Override.everything, "stopped", procedure, call)
            case .resume: return resume(order, call)
            case .switchToBackup: return try switchToBackup(order, call)
            case .clearQueue: return clearQueue(order, call)
            case .resetRateLimits: return try resetRateLimits(order, call)
            case .openBreakers:
                guard !radius(of: .openBreakers, order).breakers.isEmpty else {
                    let whose = order.provider.map { "of \($0)" } ?? "of any provider"
                    throw Problem(
                        .invalid, "There is no such breaker.",
                        errors: [.init("/channel", "is not a channel \(whose); GET /v1/providers lists theirs")])
                }
                let target = order.provider?.text ?? Override.everything
                return hold(.openBreakers, order, target: target, "open", procedure, call)
            }
        }
    }

    // MARK: What stands until it is lifted

    private func hold(
        _ kind: Override.Kind, _ order: EmergencyOrder, target: String, _ state: String, _ procedure: Procedure,
        _ call: Call
    ) -> Answer {
        let override = Override(
            id: OverrideID(at: call.now), kind: kind, target: target, channel: order.channel, state: state,
            reason: order.reason, by: call.caller.name.text, createdAt: call.now,
            expiresAt: order.duration.map { call.now + $0 })
        let touched = radius(of: procedure, order, primary: ProviderName(target))
        if order.isDryRun { return .now(.json(EmergencyAnswer(procedure, order, touched: touched).bytes)) }
        let step = Operations.Step(
            puts: [override], audit: entry(procedure, order, touched, call, override: override))
        return take(step, procedure, order, override, touched, call)
    }

    /// Ends a stop of sending. Where all channels are stopped and one resumes, the others stay stopped.
    private func resume(_ order: EmergencyOrder, _ call: Call) -> Answer {
        let stops = services.operations.overrides.filter {
            $0.kind == .stopSending && (order.channel == nil || $0.channel == nil || $0.channel == order.channel)
        }
        let touched = radius(of: .resume, order)
        let lifted = stops.map(\.id)
        if order.isDryRun {
            return .now(.json(EmergencyAnswer(.resume, order, lifted: lifted, touched: touched).bytes))
        }
        var rest: [Override] = []
        if let channel = order.channel, let whole = stops.first(where: { $0.channel == nil }) {
            for other in Channel.allCases where other != channel {
                var part = whole
                part.id = OverrideID(at: call.now)
                part.channel = other
                rest.append(part)
            }
        }
        let step = Operations.Step(
            puts: rest, lifts: { lifted.contains($0.id) }, audit: entry(.resume, order, touched, call, override: nil))
        return take(step, .resume, order, nil, touched, call)
    }

    private func switchToBackup(_ order: EmergencyOrder, _ call: Call) throws(Problem) -> Answer {
        guard let channel = order.channel else { throw Problem(.invalid, "A channel is needed.") }
        let providers = services.steering.current.routeSettings[channel]?.providers ?? []
        guard let first = providers.first else {
            throw Problem(
                .invalid, "Nothing is routed on \(channel.rawValue).",
                errors: [
                    .init("/channel", "has no route; name its providers under routes.\(channel.rawValue).providers")
                ])
        }
        guard providers.count > 1 else {
            let way =
                "has no provider beside \(first): name a second under routes.\(channel.rawValue).providers and reload, "
                + "or hold its messages with stop-sending"
            throw Problem(
                .invalid, "There is no backup to switch to on \(channel.rawValue).", errors: [.init("/channel", way)])
        }
        let gates = services.steering.gates.snapshots(at: services.time.now)
        let unable = providers.dropFirst().compactMap { name -> String? in
            guard let gate = gates.first(where: { $0.provider == name }) else { return "\(name) is not there" }
            if !gate.enabled { return "\(name) is disabled" }
            let isHeld = gate.breakers.contains { $0.channel == channel && $0.state.isHeld && $0.state.isRefusing }
            return isHeld ? "the breaker of \(name) is held open" : nil
        }
        guard unable.count < providers.count - 1 else {
            let way = "has no backup that could take it: \(unable.joined(separator: ", ")); let one go first"
            throw Problem(
                .invalid, "There is no backup to switch to on \(channel.rawValue).", errors: [.init("/channel", way)])
        }
        return hold(.switchToBackup, order, target: first.text, "passed_over", .switchToBackup, call)
    }

    private func take(
        _ step: Operations.Step, _ procedure: Procedure, _ order: EmergencyOrder, _ override: Override?,
        _ touched: BlastRadius, _ call: Call
    ) -> Answer {
        .later { [self] reply in
            services.operations.take(step, under: call.idempotency) { _, lifted in
                let answer = EmergencyAnswer(
                    procedure, order, override: override, lifted: lifted.map(\.id), touched: touched)
                return StoredAnswer(status: 200, location: nil, body: answer.bytes)
            } then: { [self] result in
                settle(result, procedure, order, reply, call)
            }
        }
    }

    private func settle(
        _ result: Result<OnceOnly.Outcome<StoredAnswer?>, IntakeRefusal>, _ procedure: Procedure,
        _ order: EmergencyOrder, _ reply: Reply, _ call: Call
    ) {
        switch result {
        case .success(.made(let answer?, _)):
            note(procedure, order, call)
            reply.send(HTTPResponse(answer))
        case .success(.made(nil, _)): reply.send(Problem(.notFound, "It is not there any more."), call)
        case .success(.replayed(let answer)): reply.send(HTTPResponse(answer, isReplay: true))
        case .failure(let refusal): reply.send(refusal, call)
        }
    }

    func note(_ procedure: Procedure, _ order: EmergencyOrder, _ call: Call) {
        services.log.notice(
            "emergency procedure",
            metadata: [
                "procedure": "\(procedure.rawValue)", "by": "\(call.caller.name)", "reason": "\(order.reason)",
                "channel": "\(order.channel?.rawValue ?? "all")",
            ])
    }

    // MARK: What is done at once

    private func resetRateLimits(_ order: EmergencyOrder, _ call: Call) throws(Problem) -> Answer {
        let operations = services.operations
        let listed = order.recipient.map { ListedAddress.all($0) }
        let keys = listed?.map { operations.addresses.value(of: $0.address, on: $0.channel) }
        let scope = Operations.ResetScope(
            providers: order.provider != nil || order.recipient == nil,
            recipients: order.recipient != nil || order.provider == nil)
        var touched = BlastRadius()
        if scope.providers {
            let gates = services.steering.gates.snapshots(at: services.time.now).filter {
                order.provider == nil || $0.provider == order.provider
            }
            touched.providers = gates.map(\.provider)
            touched.providerWindows = gates.reduce(0) { $0 + $1.windows.count }
        }
        if scope.recipients { touched.recipients = operations.recipients.tracked(keys, at: services.time.now) }
        let answer = EmergencyAnswer(.resetRateLimits, order, touched: touched)
        if order.isDryRun { return .now(.json(answer.bytes)) }
        let by = call.caller.name.text
        return .later { [self, touched] reply in
            services.once.submit("override", under: call.idempotency) {
                session -> (StoredAnswer?, answer: StoredAnswer?) in
                if scope.recipients { try session.resetLongWindows(keys) }
                let names = (listed ?? []).map { JSONValue.string(session.auditName(of: $0.address, on: $0.channel)) }
                try session.audit(
                    AuditEntry(
                        .limitsReset, by: by, target: order.provider?.text ?? "", reason: order.reason,
                        data: AuditData.of(
                            ("recipients", names.isEmpty ? nil : .array(names)),
                            ("provider_windows", .integer(Int64(touched.providerWindows))),
                            ("recipient_windows", .integer(Int64(touched.recipients))))))
                let kept = StoredAnswer(status: 200, location: nil, body: answer.bytes)
                return (kept, kept)
            } then: { [self] result in
                if case .success(.made) = result { operations.resetLimits(order.provider, keys, scope) }
                settle(result, .resetRateLimits, order, reply, call)
            }
        }
    }

    // MARK: What is touched

    func radius(
        of procedure: Procedure, _ order: EmergencyOrder, primary: ProviderName? = nil
    ) -> BlastRadius {
        let plan = services.steering.current
        let ledger = services.commits.ledger
        let channels = order.channel.map { [$0] } ?? plan.routeSettings.keys.sorted { $0.rawValue < $1.rawValue }
        var touched = BlastRadius()
        touched.channels = channels.map { channel in
            BlastRadius.Waiting(
                channel: channel, queued: ledger[channel, .queued].live, scheduled: ledger[channel, .scheduled].live,
                sending: ledger[channel, .sending].live)
        }
        switch procedure {
        case .openBreakers:
            for snapshot in services.steering.gates.snapshots(at: services.time.now)
            where order.provider == nil || snapshot.provider == order.provider {
                let breakers = snapshot.breakers.filter { order.channel == nil || $0.channel == order.channel }
                guard !breakers.isEmpty else { continue }
                touched.providers.append(snapshot.provider)
                touched.breakers += breakers.map {
                    .init(provider: snapshot.provider, channel: $0.channel, state: $0.state.word.effect.rawValue)
                }
            }
        case .switchToBackup: touched.providers = primary.map { [$0] } ?? []
        case .clearQueue: touched.moved = touched.channels.reduce(0) { $0 + $1.queued }
        default:
            let all = channels.flatMap { plan.providersByChannel[$0] ?? [] }
            touched.providers = Array(Set(all)).sorted()
        }
        return touched
    }

    private func entry(
        _ procedure: Procedure, _ order: EmergencyOrder, _ touched: BlastRadius, _ call: Call, override: Override?
    ) -> AuditEntry {
        AuditEntry(
            procedure.action, by: call.caller.name.text,
            target: order.channel?.rawValue ?? order.provider?.text ?? Override.everything, reason: order.reason,
            data: AuditData.of(
                ("override", override.map { .string("\($0.id)") }),
                ("provider", order.provider.map { .string($0.text) }),
                ("providers", .array(touched.providers.map { .string($0.text) })),
                ("queued", .integer(Int64(touched.channels.reduce(0) { $0 + $1.queued }))),
                ("expires_at", override?.expiresAt.map { .string("\($0)") })))
    }
}

extension ListedAddress {
    /// All that a text can be an address of: an email address or a number where it is one, else a token or a user's name.
    static func all(_ text: String) -> [ListedAddress] {
        let all = Channel.allCases.compactMap { channel in
            do throws(Flaw) { return try ListedAddress(text, on: channel) } catch { return nil }
        }
        let shaped = all.filter { $0.channel != .push && $0.channel != .realtime }
        return shaped.isEmpty ? all : shaped
    }
}
