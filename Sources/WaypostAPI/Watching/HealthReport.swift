import WaypostCore
import WaypostDelivery
import WaypostJSON
import WaypostPolicy

/// The whole of `/healthz`.
struct HealthReport {
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

    /// `open`: deliveries that have not come to an end. `moment`: now, by both clocks.
    init(_ health: Health, steering: Steering, open: Int, at moment: (now: Instant, wall: Timestamp)) {
        version = Build.version
        let now = moment.wall
        let plan = steering.current
        let gates = steering.gates.snapshots(at: moment.now)
        func isUp(_ name: ProviderName, _ channel: Channel) -> Bool {
            guard let gate = gates.first(where: { $0.provider == name }), gate.enabled else { return false }
            if health.provider(name)?.ailment != nil { return false }
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
        let readiness = health.readiness
        let store = readiness.first { ($0.name == "store" || $0.name == "disk") && $0.failure != nil }
        checks.append(
            Check(
                name: "store", status: store == nil ? .pass : .fail, value: nil, unit: nil, output: store?.failure,
                time: now))
        let queue = readiness.first { $0.name == "queue" }
        checks.append(
            Check(
                name: "queue", status: queue?.failure == nil ? .pass : .warn, value: open,
                unit: "deliveries", output: queue?.failure, time: now))
        for gate in gates {
            let last = health.provider(gate.provider)
            let isOpen = gate.breakers.contains { $0.state.isRefusing }
            checks.append(
                Check(
                    name: "provider:\(gate.provider)",
                    status: last?.ailment != nil || isOpen || !gate.enabled ? .fail : last == nil ? .warn : .pass,
                    value: last.map { Int($0.duration.milliseconds) }, unit: last == nil ? nil : "ms",
                    output: last?.ailment ?? (isOpen ? "its circuit breaker is open" : gate.disabledBecause),
                    time: last?.checkedAt ?? now))
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
