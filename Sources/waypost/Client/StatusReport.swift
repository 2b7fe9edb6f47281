import WaypostHTTP
import WaypostJSON

/// How a router stands, from the answers of its endpoints.
struct StatusReport: Equatable {
    var url: String
    var health: JSONValue
    var providers: [JSONValue] = []
    var routes: [JSONValue] = []
    var rates: [JSONValue] = []
    /// nil: whoever asks may not see them.
    var overrides: [JSONValue]?
    var endpoints: [JSONValue]?
    /// nil: `/metrics` could not be read.
    var metrics: Exposition?

    init(url: String, health: JSONValue) {
        self.url = url
        self.health = health
    }

    /// Asks for all of it. What needs the scope `operate` is left out for those without.
    init(asking client: Client) throws(ClientFailure) {
        // 503 is an answer, too: the router says that it fails.
        let answer = try client.operational("healthz")
        guard answer.json["checks"] != nil else {
            throw ClientFailure(answer, url: client.url, hadToken: false)
        }
        self.init(url: client.url, health: answer.json)
        providers = try client.get("/v1/providers", within: Client.brief).json.data
        routes = try client.get("/v1/routes", within: Client.brief).json.data
        rates = try client.get("/v1/delivery-rates", within: Client.brief).json.data
        overrides = try Self.unlessForbidden { () throws(ClientFailure) in
            try client.get("/v1/overrides", within: Client.brief).json.data
        }
        endpoints = try Self.unlessForbidden { () throws(ClientFailure) in
            try client.get("/v1/endpoints", within: Client.brief).json.data
        }
        let page = try client.operational("metrics")
        if page.status == 200 { metrics = Exposition(page.text) }
    }

    private static func unlessForbidden(_ body: () throws(ClientFailure) -> [JSONValue]) throws(ClientFailure)
        -> [JSONValue]?
    {
        do throws(ClientFailure) { return try body() } catch {
            if case .refused(let refusal) = error, refusal.status == 403 { return nil }
            throw error
        }
    }

    var isHealthy: Bool { reasons.isEmpty }

    /// Why it is not healthy, each in some words.
    var reasons: [String] {
        var reasons: [String] = []
        if let status = health.text("status"), status != "pass" {
            let failing = (health["checks"]?.members ?? []).filter { !$0.name.hasPrefix("provider:") }.compactMap {
                check -> String? in
                guard let first = check.value[0], first.text("status") != "pass" else { return nil }
                return "\(check.name): \(first.text("output") ?? first.text("status") ?? "?")"
            }
            reasons += failing.isEmpty ? ["health is \(status)"] : failing
        }
        for provider in providers {
            let name = provider.text("name") ?? "?"
            if provider["enabled"]?.bool == false { reasons.append("\(name) is disabled") }
            for breaker in provider["breakers"]?.array ?? [] {
                guard let state = breaker.text("state"), state != "closed" else { continue }
                reasons.append("the breaker of \(name) for \(breaker.text("channel") ?? "?") is \(state)")
            }
        }
        for endpoint in endpoints ?? [] where endpoint["enabled"]?.bool == false {
            reasons.append("events are not told to \(endpoint.text("name") ?? "?") any more")
        }
        let told = ["provider_disabled", "breaker_held"]
        let held = (overrides ?? []).filter {
            !told.contains($0.text("kind") ?? "") || $0.text("kind") == "breaker_held" && $0.text("state") == "closed"
        }
        for override in held {
            let words = [override.text("kind"), override.text("target"), override.text("channel")]
            reasons.append("in force: " + words.compactMap { $0?.isEmpty == true ? nil : $0 }.joined(separator: " "))
        }
        return reasons
    }

    /// One channel's queue.
    struct Queue: Equatable {
        var channel: String
        var scheduled, queued, sending, deadLetters, inDoubt: Int
        /// How long the oldest that is due has waited, in seconds.
        var oldest: Double
    }

    /// Of each channel with a route.
    var queues: [Queue] {
        guard let metrics else { return [] }
        return routes.compactMap { $0.text("channel") }.map { channel in
            func depth(_ state: String) -> Int {
                Self.whole(metrics["waypost_queue_depth", ["channel": channel, "state": state]])
            }
            return Queue(
                channel: channel, scheduled: depth("scheduled"), queued: depth("queued"), sending: depth("sending"),
                deadLetters: Self.whole(metrics["waypost_dead_letters", ["channel": channel]]),
                inDoubt: Self.whole(metrics["waypost_in_doubt", ["channel": channel]]),
                oldest: metrics["waypost_queue_oldest_age_seconds", ["channel": channel]] ?? 0)
        }
    }

    private static func whole(_ value: Double?) -> Int { value.flatMap { Int(exactly: $0.rounded()) } ?? 0 }

    /// For programs: all of it, in the forms of the API.
    var json: JSONValue {
        let queues = queues.map { queue in
            JSONValue.object([
                "channel": .string(queue.channel), "scheduled": .integer(Int64(queue.scheduled)),
                "queued": .integer(Int64(queue.queued)), "sending": .integer(Int64(queue.sending)),
                "oldest_seconds": .number(queue.oldest), "dead_letters": .integer(Int64(queue.deadLetters)),
                "in_doubt": .integer(Int64(queue.inDoubt)),
            ])
        }
        return .object([
            "status": .string(isHealthy ? "healthy" : "degraded"), "reasons": JSONValue(reasons), "health": health,
            "providers": .array(providers), "routes": .array(routes),
            "queues": metrics == nil ? .null : .array(queues), "overrides": overrides.map { .array($0) } ?? .null,
            "delivery_rates": .array(rates), "endpoints": endpoints.map { .array($0) } ?? .null,
        ])
    }
}
