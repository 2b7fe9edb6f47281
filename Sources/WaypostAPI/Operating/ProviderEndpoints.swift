import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostJSON
import WaypostPolicy
import WaypostStore

/// Looking at providers and routes.
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

    func write(
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
}
