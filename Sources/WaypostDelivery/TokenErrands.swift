import Synchronization
import WaypostCore
import WaypostHTTP
import WaypostProviders

/// What a push service is asked about many tokens at once: subscriptions to topics, and whether they are alive.
package struct TokenErrands: Sendable {
    private let steering: Steering
    private let transport: any Transport
    private let time: any TimeSource
    /// Exchanges of one call at once, as Firebase's own libraries have it.
    static let atOnce = 100

    package init(steering: Steering, transport: any Transport, time: any TimeSource) {
        self.steering = steering
        self.transport = transport
        self.time = time
    }

    /// The first provider of the push route that can be asked; nil when none can.
    package var directory: (any PushDirectory)? {
        let plan = steering.current
        for name in plan.providersByChannel[.push] ?? [] where plan.gates[name]?.enabled ?? true {
            if let directory = plan.providers[name] as? any PushDirectory { return directory }
        }
        return nil
    }

    /// Subscribes tokens to a topic, or ends their subscriptions. `then` is called once, with what went wrong for each.
    package func subscribe(
        _ tokens: [String], to topic: String, ending: Bool, at directory: any PushDirectory,
        then: @escaping @Sendable ([Failure?]) -> Void
    ) {
        run(
            tokens, at: directory,
            asking: { token throws(Failure) in
                try directory.subscription(of: token, to: topic, ending: ending)
            },
            reading: { answer in
                switch answer {
                case .success(let reply): directory.refusal(ofSubscription: reply)
                case .failure(let failure): failure
                }
            }, then: then)
    }

    /// Asks which tokens are alive, and sends nothing. `then` is called once.
    package func validate(
        _ tokens: [String], at directory: any PushDirectory, then: @escaping @Sendable ([TokenValidity]) -> Void
    ) {
        run(
            tokens, at: directory,
            asking: { token throws(Failure) in try directory.validation(of: token) },
            reading: { answer in
                switch answer {
                case .success(let reply): directory.validity(in: reply)
                case .failure(let failure): .unknown(reason: failure.detail)
                }
            }, then: then)
    }

    private func run<Outcome: Sendable>(
        _ tokens: [String], at directory: any PushDirectory,
        asking request: @escaping @Sendable (String) throws(Failure) -> TransportRequest,
        reading outcome: @escaping @Sendable (Result<TransportReply, Failure>) -> Outcome,
        then: @escaping @Sendable ([Outcome]) -> Void
    ) {
        let desk = Desk(directory, transport: transport, time: time)
        let fanout = Fanout<String, Outcome>(
            tokens, atOnce: Self.atOnce,
            errand: { token, end in
                desk.ask({ () throws(Failure) in try request(token) }) { end(outcome($0)) }
            }, then: then)
        fanout.start()
    }
}

/// Asks one provider, with the credential that it needs.
private final class Desk: Sendable {
    private let provider: any PushDirectory
    private let transport: any Transport
    private let time: any TimeSource
    private let credential = Mutex(Credential())

    private struct Credential {
        /// How often it was refused: those who were refused with the same one have it renewed once, not each anew.
        var refusals = 0
        /// Why there is none: nobody asks for it again after that.
        var failure: Failure?
    }

    init(_ provider: any PushDirectory, transport: any Transport, time: any TimeSource) {
        self.provider = provider
        self.transport = transport
        self.time = time
    }

    /// Asks once, and once more where the provider says that it did nothing.
    func ask(
        _ request: @escaping @Sendable () throws(Failure) -> TransportRequest, isRepeated: Bool = false,
        then: @escaping @Sendable (Result<TransportReply, Failure>) -> Void
    ) {
        let (known, failure) = credential.withLock { ($0.refusals, $0.failure) }
        if let failure { return then(.failure(failure)) }
        authorized { [self] failure in
            if let failure {
                credential.withLock { $0.failure = failure }
                return then(.failure(failure))
            }
            let written: TransportRequest
            do throws(Failure) { written = try request() } catch { return then(.failure(error)) }
            // A pool of its own, so that no message waits behind a thousand questions.
            transport.send(written, pool: "\(provider.name)/directory", settings: provider.transfer) { [self] reply in
                switch reply {
                case .failure(let error): then(.failure(Failure(error)))
                case .success(let reply):
                    guard !isRepeated, let repetition = provider.repetition(after: reply) else {
                        return then(.success(reply))
                    }
                    if repetition == .newCredential { refused(known) }
                    ask(request, isRepeated: true, then: then)
                }
            }
        }
    }

    private func authorized(_ then: @escaping @Sendable (Failure?) -> Void) {
        guard let authorizer = provider.authorizer else { return then(nil) }
        authorizer.ready(
            over: transport, pool: "\(provider.name)/token", settings: provider.transfer, at: time.wallNow, then: then)
    }

    private func refused(_ known: Int) {
        let isFirst = credential.withLock { credential in
            guard credential.refusals == known else { return false }
            credential.refusals += 1
            return true
        }
        if isFirst { provider.authorizer?.reject(at: time.wallNow) }
    }
}
