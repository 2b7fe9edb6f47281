import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostJSON
import WaypostMetrics
import WaypostPolicy

/// What Prometheus and orchestrators ask.
extension API {
    func metrics(_ call: Call) -> Answer {
        let format = MetricsFormat.negotiate(accept: call.request.headers["Accept"])
        return .later { [self] reply in
            let isTaken = services.readers.run { [self] in
                let body = services.registry.page(format)
                reply.send(
                    HTTPResponse(status: 200, headers: HTTPHeaders(["Content-Type": format.contentType]), body: body))
            }
            if !isTaken {
                reply.send(Problem(.internalError, "Too much waits already.", retryAfter: .seconds(1)), call)
            }
        }
    }

    func probe(_ call: Call) -> Answer {
        let checks =
            switch call.endpoint {
            case .livez: services.health.liveness
            case .startupz: services.health.startup
            default: services.health.readiness
            }
        let failing = checks.filter { $0.failure != nil }
        let isVerbose = call.request.query.split(separator: "&").contains {
            $0 == "verbose" || $0.hasPrefix("verbose=")
        }
        var lines = (isVerbose ? checks : failing).map { "\($0.name): \($0.failure ?? "ok")" }
        if failing.isEmpty { lines.append("ok") }
        return .now(.text(lines.joined(separator: "\n") + "\n", status: failing.isEmpty ? 200 : 503))
    }

    /// `application/health+json` (draft-inadarei-api-health-check): providers as last checked, never asked now.
    func healthReport(_ call: Call) -> Answer {
        let report = HealthReport(services, at: call.now)
        var response = HTTPResponse.json(report.bytes, status: report.status == .fail ? 503 : 200)
        response.headers["Content-Type"] = "application/health+json"
        response.headers.add("Cache-Control", "max-age=3")
        return .now(response)
    }
}

/// The whole of `/healthz`.
private struct HealthReport {
    enum Status: String { case pass, warn, fail }
    struct Check {
        var name: String
        var status: Status
        var value: Int?
        var unit: String?
        var output: String?
        var time: Timestamp
    }
    var checks: [Check] = []
    let version: String

    var status: Status {
        // A provider alone never fails the router: its channel says whether anybody is left.
        let own = checks.filter { !$0.name.hasPrefix("provider:") }.map(\.status)
        return own.contains(.fail) ? .fail : own.contains(.warn) ? .warn : .pass
    }

    init(_ services: APIServices, at now: Timestamp) {
        version = Build.version
        let plan = services.steering.current
        let gates = services.steering.gates.snapshots(at: services.time.now)
        func isUp(_ name: ProviderName, _ channel: Channel) -> Bool {
            guard let gate = gates.first(where: { $0.provider == name }), gate.enabled else { return false }
            if services.health.provider(name)?.ailment != nil { return false }
            return gate.breakers.first { $0.channel == channel }.map { !$0.state.isRefusing } ?? true
        }
        for (channel, providers) in plan.providersByChannel.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let up = providers.count { isUp($0, channel) }
            let primary = providers.first.map { isUp($0, channel) } ?? false
            checks.append(
                Check(
                    name: channel.rawValue, status: up == 0 ? .fail : primary ? .pass : .warn, value: up,
                    unit: "providers",
                    output: up == 0 ? "no provider is left" : primary ? nil : "the primary is down; a backup serves",
                    time: now))
        }
        let readiness = services.health.readiness
        let store = readiness.first { ($0.name == "store" || $0.name == "disk") && $0.failure != nil }
        checks.append(
            Check(
                name: "store", status: store == nil ? .pass : .fail, value: nil, unit: nil, output: store?.failure,
                time: now))
        let queue = readiness.first { $0.name == "queue" }
        checks.append(
            Check(
                name: "queue", status: queue?.failure == nil ? .pass : .warn, value: services.commits.ledger.open,
                unit: "deliveries", output: queue?.failure, time: now))
        for gate in gates {
            let health = services.health.provider(gate.provider)
            let isOpen = gate.breakers.contains { $0.state.isRefusing }
            checks.append(
                Check(
                    name: "provider:\(gate.provider)",
                    status: health?.ailment != nil || isOpen || !gate.enabled ? .fail : health == nil ? .warn : .pass,
                    value: health.map { Int($0.duration.milliseconds) }, unit: health == nil ? nil : "ms",
                    output: health?.ailment ?? (isOpen ? "its circuit breaker is open" : gate.disabledBecause),
                    time: health?.checkedAt ?? now))
        }
    }

    var bytes: [UInt8] {
        var json = JSONWriter(capacity: 1024)
        json.object { json in
            json.member("status", status.rawValue)
            json.member("version", version)
            json.member("serviceId", "waypost")
            json.object("checks") { json in
                for check in checks {
                    json.array(check.name) { json in
                        json.object { json in
                            json.member("status", check.status.rawValue)
                            if let value = check.value { json.member("observedValue", value) }
                            json.member("observedUnit", ifPresent: check.unit)
                            json.member("time", plain: check.time.bytes)
                            json.member("output", ifPresent: check.output)
                        }
                    }
                }
            }
            json.member("healthy", checks.count { $0.status == .pass })
            json.member("total", checks.count)
        }
        return json.bytes
    }
}

/// What this build is.
package enum Build {
    package static let version = "0.1.0"
    /// Not known to a build by SwiftPM.
    package static let commit = "unknown"
}

extension CircuitBreaker.State {
    var isRefusing: Bool {
        switch self {
        case .open, .forcedOpen: true
        default: false
        }
    }

    /// By an operator, not by how calls went.
    var isHeld: Bool {
        switch self {
        case .forcedOpen, .forcedClosed: true
        default: false
        }
    }
}
