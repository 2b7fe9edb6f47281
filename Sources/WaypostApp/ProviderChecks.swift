import Synchronization
import WaypostAPI
import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostProviders

/// Asks providers whether they work, by the free call that each has, and notes what they said.
final class ProviderChecks: Sendable {
    private let steering: Steering
    private let transport: any Transport
    private let health: Health
    private let time: any TimeSource

    init(steering: Steering, transport: any Transport, health: Health, time: any TimeSource) {
        self.steering = steering
        self.transport = transport
        self.health = health
        self.time = time
    }

    /// All that are enabled, at once; returns without waiting.
    func probeAll() {
        let plan = steering.current
        for (name, gate) in plan.gates where gate.enabled { probe(name) { _ in } }
    }

    /// `then` is called once with what is noted.
    func probe(_ name: ProviderName, then: @escaping @Sendable (ProviderHealth) -> Void) {
        let started = time.now
        let wall = time.wallNow
        let note: @Sendable (String?) -> Void = { [self] ailment in
            let health = ProviderHealth(ailment: ailment, checkedAt: wall, duration: time.now - started)
            self.health.note(health, of: name)
            then(health)
        }
        guard let provider = steering.current.providers[name] else { return note("it is not configured any more") }
        let pool = "\(name)/check"
        // A pool of its own: a check must not wait behind messages, nor take a connection from them.
        let check: @Sendable () -> Void = { [self] in
            guard let request = provider.healthCheck(at: wall) else { return note(nil) }
            transport.send(request, pool: pool, settings: provider.transfer) { reply in
                switch reply {
                case .success(let reply): note(provider.ailment(in: reply))
                case .failure(let error): note(error.detail)
                }
            }
        }
        guard let authorizer = provider.authorizer else { return check() }
        authorizer.ready(over: transport, pool: pool, settings: provider.transfer, at: wall) { failure in
            if let failure { note(failure.detail) } else { check() }
        }
    }
}
