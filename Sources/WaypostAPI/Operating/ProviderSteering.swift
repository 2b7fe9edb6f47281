import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostJSON
import WaypostStore

/// Steering one provider by hand: whether it is used, what its breakers do, how it is.
extension API {
    func disableProvider(_ call: Call) -> Answer {
        steer(call) { provider, call throws(Problem) in
            let operation = try ProviderOperation.decode(try RequestBody.jsonOrNothing(of: call.request)).unwrap()
            let override = Override(
                id: OverrideID(at: call.now), kind: .providerDisabled, target: provider.text, channel: nil,
                state: "disabled",
                reason: operation.reason ?? "", by: call.caller.name.text, createdAt: call.now,
                expiresAt: operation.duration.map { call.now + $0 })
            return Operations.Step(puts: [override], audit: override.entry(.providerDisabled))
        }
    }

    func enableProvider(_ call: Call) -> Answer {
        steer(call) { provider, call throws(Problem) in
            let operation = try ProviderOperation.decode(try RequestBody.jsonOrNothing(of: call.request)).unwrap()
            return Operations.Step(
                lifts: { $0.kind == .providerDisabled && $0.target == provider.text },
                audit: AuditEntry(
                    .providerEnabled, by: call.caller.name.text, target: provider.text, reason: operation.reason ?? ""))
        }
    }

    func holdBreaker(_ call: Call) -> Answer {
        steer(call) { provider, call throws(Problem) in
            let operation = try BreakerOperation.decode(try RequestBody.json(of: call.request)).unwrap()
            let channel = operation.channel
            let carried = services.steering.current.providersByChannel.filter { $1.contains(provider) }.keys
            if let channel, !carried.contains(channel) {
                let words = carried.map(\.rawValue).sorted().joined(separator: ", ")
                let way = "is not a channel of \(provider), which is routed on \(words.isEmpty ? "none" : words)"
                throw Problem(.invalid, "There is no such breaker.", errors: [.init("/channel", way)])
            }
            guard operation.state != .auto else {
                return Operations.Step(
                    lifts: {
                        $0.kind == .breakerHeld && $0.target == provider.text
                            && (channel == nil || $0.channel == nil || $0.channel == channel)
                    },
                    audit: AuditEntry(
                        .breakerReleased, by: call.caller.name.text, target: provider.text,
                        reason: operation.reason ?? "",
                        data: AuditData.of(("channel", channel.map { .string($0.rawValue) }))))
            }
            let override = Override(
                id: OverrideID(at: call.now), kind: .breakerHeld, target: provider.text, channel: channel,
                state: operation.state.rawValue, reason: operation.reason ?? "", by: call.caller.name.text,
                createdAt: call.now, expiresAt: operation.duration.map { call.now + $0 })
            // Held on all channels, it is not held otherwise on one of them.
            return Operations.Step(
                puts: [override],
                lifts: { channel == nil && $0.kind == .breakerHeld && $0.target == provider.text },
                audit: override.entry(.breakerHeld))
        }
    }

    private func steer(
        _ call: Call, _ decide: (ProviderName, Call) throws(Problem) -> Operations.Step
    ) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let provider = try provider(call)
            let step = try decide(provider, call)
            return .later { [self] reply in
                services.operations.take(step, under: call.idempotency) { [self] interventions, _ in
                    let gates = services.steering.gates
                    guard let snapshot = gates.snapshot(of: provider, under: interventions, at: services.time.now)
                    else { return nil }
                    var json = JSONWriter()
                    write(snapshot, services.steering.current, at: services.time.now, call.now, to: &json)
                    return StoredAnswer(status: 200, location: nil, body: json.bytes)
                } then: { result in
                    switch result {
                    case .success(.made(let answer?, _)): reply.send(HTTPResponse(answer))
                    case .success(.made(nil, _)): reply.send(Problem(.notFound, "There is no such provider."), call)
                    case .success(.replayed(let answer)): reply.send(HTTPResponse(answer, isReplay: true))
                    case .failure(let refusal): reply.send(refusal, call)
                    }
                }
            }
        }
    }

    private func provider(_ call: Call) throws(Problem) -> ProviderName {
        guard let name = ProviderName(call.parameters["name"] ?? ""), services.steering.current.gates[name] != nil
        else {
            throw Problem(.notFound, "There is no provider of that name; GET /v1/providers lists them.")
        }
        return name
    }

    /// Makes the health check now.
    func probeProvider(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let provider = try provider(call)
            _ = try ProviderOperation.decode(try RequestBody.jsonOrNothing(of: call.request)).unwrap()
            return .later { [self] reply in
                services.operations.probe(provider) { health in
                    var json = JSONWriter()
                    json.object { json in
                        json.member("provider", provider.text)
                        json.member("status", health.ailment == nil ? "pass" : "fail")
                        json.member("output", ifPresent: health.ailment)
                        json.member("duration_ms", health.duration.milliseconds)
                        json.member("time", plain: health.checkedAt.bytes)
                    }
                    reply.send(.json(json.bytes))
                }
            }
        }
    }
}

extension Override {
    /// What the trail says of it.
    fileprivate func entry(_ action: AuditEntry.Action) -> AuditEntry {
        AuditEntry(
            action, by: by, target: target, reason: reason,
            data: AuditData.of(
                ("override", .string("\(id)")), ("state", .string(state)),
                ("channel", channel.map { .string($0.rawValue) }),
                ("expires_at", expiresAt.map { .string("\($0)") })))
    }
}
