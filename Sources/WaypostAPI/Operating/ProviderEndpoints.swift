import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostJSON
import WaypostPolicy
import WaypostStore

/// Looking at providers and routes, and steering them by hand.
extension API {
    func listProviders(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let plan = services.steering.current
            let now = services.time.now
            let snapshots = services.steering.gates.snapshots(at: now)
            var json = JSONWriter(capacity: 512 * snapshots.count)
            json.object { json in
                json.array("data") { json in
                    for snapshot in snapshots { write(snapshot, plan, at: now, call.now, to: &json) }
                }
                json.null("next")
            }
            return .now(.json(json.bytes))
        }
    }

    private func write(
        _ snapshot: ProviderGates.Snapshot, _ plan: DeliveryPlan, at now: Instant, _ wall: Timestamp,
        to json: inout JSONWriter
    ) {
        let provider = plan.providers[snapshot.provider]
        let health = services.health.provider(snapshot.provider)
        json.object { json in
            json.member("name", snapshot.provider.text)
            json.member("kind", ifPresent: provider?.kind.rawValue)
            json.array("channels") { json in for (channel, _) in snapshot.breakers { json.element(channel.rawValue) } }
            json.member("enabled", snapshot.enabled)
            json.member("disabled_reason", ifPresent: snapshot.disabledBecause)
            if let health {
                json.object("health") { json in
                    json.member("status", health.ailment == nil ? "pass" : "fail")
                    json.member("output", ifPresent: health.ailment)
                    json.member("time", plain: health.checkedAt.bytes)
                }
            } else {
                json.null("health")
            }
            json.array("breakers") { json in
                for (channel, state) in snapshot.breakers {
                    json.object { json in
                        json.member("channel", channel.rawValue)
                        json.member("state", state.word.effect.rawValue)
                        json.member("held", state.isHeld)
                        if case .open(let until) = state { json.member("until", plain: (wall + (until - now)).bytes) }
                    }
                }
            }
            json.member("in_flight", snapshot.inFlight)
            json.member("max_in_flight", snapshot.maxInFlight)
            if let until = snapshot.restingUntil { json.member("resting_until", plain: (wall + (until - now)).bytes) }
            json.array("rate_limits") { json in
                for (settings, remaining) in snapshot.windows {
                    json.object { json in
                        json.member("limit", settings.limit)
                        json.member("window_ms", settings.window.milliseconds)
                        json.member("remaining", remaining)
                    }
                }
            }
            if let latency = snapshot.latency { json.member("latency_ms", latency.milliseconds) }
        }
    }

    func listRoutes(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let plan = services.steering.current
            var json = JSONWriter()
            json.object { json in
                json.array("data") { json in
                    for (channel, route) in plan.routeSettings.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                        json.object { json in
                            json.member("channel", channel.rawValue)
                            Self.write(route, to: &json)
                        }
                    }
                }
                json.null("next")
            }
            return .now(.json(json.bytes))
        }
    }

    private static func write(_ route: RouteSettings, to json: inout JSONWriter) {
        json.array("providers") { json in for name in route.providers { json.element(name.text) } }
        json.member("strategy", route.strategy.rawValue)
        json.array("rules") { json in
            for rule in route.rules {
                json.object { json in
                    json.object("match") { json in
                        let lists: [(String, [String])] = [
                            ("country", rule.match.countries), ("type", rule.match.types.map(\.rawValue)),
                            ("client", rule.match.clients), ("tag", rule.match.tags),
                            ("platform", rule.match.platforms),
                        ]
                        for (name, values) in lists where !values.isEmpty {
                            json.array(name) { json in for value in values { json.element(value) } }
                        }
                    }
                    json.array("providers") { json in for name in rule.providers { json.element(name.text) } }
                    json.member("strategy", ifPresent: rule.strategy?.rawValue)
                }
            }
        }
        json.object("on_ambiguous") { json in
            for type in MessageType.allCases {
                json.member(type.rawValue, ifPresent: route.onAmbiguous[type]?.rawValue)
            }
        }
    }

    /// The same as `explain`, for a message that is not sent.
    func explainRoute(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let draft = try SendMessage.decode(
                try RequestBody.json(of: call.request), templates: services.steering.current.templates, at: call.now
            ).unwrap()
            return lookingUp(for: [.success(draft)], call) { _ in
                "/to/user"
            } then: { [self] found in
                switch found[0] {
                case .success(let draft): .now(explanation(of: draft, call))
                case .failure(let problem): .problem(problem, call)
                }
            }
        }
    }

    private func explanation(of draft: Draft, _ call: Call) -> HTTPResponse {
        let message = draft.message(
            id: MessageID(at: call.now), client: call.caller.name, createdAt: call.now, defaultTTL: .seconds(60),
            traceparent: "")
        let plan = services.steering.current
        let decision: RoutingDecision
        switch services.steering.choose(for: message, message.content.deliveries, RouteProgress(), plan: plan) {
        case .taken(let permit, _, let made):
            services.steering.gates.giveBack(permit, at: services.time.now)
            decision = made
        case .wait(_, let made), .nextRound(_, let made), .finish(_, _, let made): decision = made
        }
        return .json(ExplainBody.bytes(of: nil, [decision.json]))
    }

    // MARK: By hand

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

    // MARK: Overrides and the configuration

    func listOverrides(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let overrides = services.operations.overrides
            return .now(
                .json(
                    ListBody.bytes(overrides, next: nil) { override, json in
                        json.object { json in
                            json.member("id", plain: override.id.bytes)
                            json.member("kind", override.kind.rawValue)
                            json.member("target", override.target)
                            json.member("channel", ifPresent: override.channel?.rawValue)
                            json.member("state", override.state)
                            json.member("reason", override.reason)
                            json.member("by", override.by)
                            json.member("created_at", plain: override.createdAt.bytes)
                            if let time = override.expiresAt {
                                json.member("expires_at", plain: time.bytes)
                            } else {
                                json.null("expires_at")
                            }
                        }
                    }))
        }
    }

    func liftOverride(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            guard let id = OverrideID(call.parameters["id"] ?? "") else {
                throw Problem(.notFound, "There is no such override.")
            }
            return .later { [self] reply in
                services.operations.lift(id, by: call.caller.name.text) { lifted in
                    switch lifted {
                    case true?: reply.send(HTTPResponse(status: 204))
                    case false?: reply.send(Problem(.notFound, "There is no such override."), call)
                    case nil:
                        reply.send(
                            Problem(.storeUnavailable, "Nothing can be kept just now.", retryAfter: .seconds(1)), call)
                    }
                }
            }
        }
    }

    func readConfiguration(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let entry = AuditEntry(.configurationRead, by: call.caller.name.text)
            return .later { [operations = services.operations] reply in
                // Also where the trail cannot be kept: it is read when things are broken.
                operations.audit(entry) { reply.send(.json(operations.configuration())) }
            }
        }
    }

    func reload(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            try RequestBody.nothing(in: try RequestBody.jsonOrNothing(of: call.request)).unwrap()
            return .later { [self] reply in
                let isTaken = services.readers.run { [self] in reply.send(reloaded(call)) }
                if !isTaken {
                    reply.send(Problem(.internalError, "Too much waits already.", retryAfter: .seconds(1)), call)
                }
            }
        }
    }

    private func reloaded(_ call: Call) -> HTTPResponse {
        let problems = services.operations.reload(by: call.caller.name.text)
        guard problems.isEmpty else {
            let findings = problems.map { Problem.Finding("", $0) }
            return Problem(.invalid, "The configuration was not applied: \(problems[0])", errors: findings)
                .response(requestID: call.requestID)
        }
        var json = JSONWriter()
        json.object { $0.member("version", services.steering.current.version) }
        return .json(json.bytes)
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
