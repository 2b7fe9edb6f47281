import Synchronization
import Testing
import WaypostCore
import WaypostHTTP
import WaypostPolicy
import WaypostProviders
import WaypostTesting

@testable import WaypostDelivery

@Suite struct TokenErrandsTests {
    private let time = ManualTime()

    private func errands(
        _ providers: [any Provider], route: [ProviderName], disabled: Set<ProviderName> = [],
        over transport: ScriptedTransport
    ) -> TokenErrands {
        let gates = Dictionary(
            uniqueKeysWithValues: providers.map { provider in
                (provider.name, GateSettings.email { $0.enabled = !disabled.contains(provider.name) })
            })
        let plan = DeliveryPlan(
            version: "0", routes: [.push: RouteSettings(providers: route)],
            providers: Dictionary(uniqueKeysWithValues: providers.map { ($0.name, $0) }), gates: gates,
            settings: DeliverySettings(), limits: LimitSettings(), publicURL: "", maxQueued: 10)
        return TokenErrands(
            steering: Steering(plan, gates: ProviderGates(gates) { _ in }, time: time), transport: transport, time: time
        )
    }

    /// Answers by the token at the end of the address.
    private static func transport(_ answer: @escaping @Sendable (String) -> ScriptedTransport.Answer)
        -> ScriptedTransport
    {
        ScriptedTransport { exchange in
            guard case .http(let request) = exchange.request, let token = request.target.split(separator: "/").last
            else { return .failure(TransportError(departure: .notSent, detail: "not HTTP")) }
            return answer(String(token))
        }
    }

    @Test func `the first of the push route that can be asked is asked, also where a rule alone names it`() {
        let transport = ScriptedTransport { _ in nil }
        let all: [any Provider] = [
            SilentProvider(name: "apns"), FakeDirectory(name: "one"), FakeDirectory(name: "two"),
        ]
        #expect(errands(all, route: ["apns", "one", "two"], over: transport).directory?.name == "one")
        #expect(
            errands(all, route: ["apns", "one", "two"], disabled: ["one"], over: transport).directory?.name == "two")
        #expect(errands(all, route: ["apns"], over: transport).directory == nil)
    }

    @Test func `each token has a result of its own, in order`() {
        let transport = Self.transport { token in
            switch token {
            case "lost": .failure(TransportError(departure: .mayHaveArrived, detail: "cut off"))
            case "dead": .success(.http(HTTPResponse(status: 404)))
            default: .success(.http(HTTPResponse(status: 200)))
            }
        }
        let provider = FakeDirectory(name: "fcm")
        let errands = errands([provider], route: ["fcm"], over: transport)
        let refusals = Mutex<[Failure.Kind?]>([])
        errands.subscribe(["a", "dead", "lost", "bad"], to: "news", ending: false, at: provider) { result in
            refusals.withLock { $0 = result.map { failure in failure?.kind } }
        }
        #expect(refusals.withLock { $0 } == [nil, .refusedRecipient, .ambiguous, .refusedMessage])
        #expect(transport.exchanges.count == 3, "what cannot be written is not sent")
        #expect(transport.exchanges.allSatisfy { $0.pool == "fcm/directory" })
        let validities = Mutex<[TokenValidity]>([])
        errands.validate(["lost", "dead", "a"], at: provider) { result in validities.withLock { $0 = result } }
        #expect(
            validities.withLock { $0 } == [.unknown(reason: "cut off"), .dead(reason: "gone"), .alive])
    }

    @Test func `a credential that is refused is renewed once for all, and each asks once more`() {
        let authorizer = FakeAuthorizer()
        let provider = FakeDirectory(name: "fcm", authorizer: authorizer)
        let transport = ScriptedTransport { exchange in
            guard case .http(let request) = exchange.request else { return nil }
            let isNew = request.headers["authorization"] == "1"
            return isNew ? .success(.http(HTTPResponse(status: 200))) : nil
        }
        let refusals = Mutex<[Failure?]?>(nil)
        errands([provider], route: ["fcm"], over: transport).subscribe(
            ["a", "b", "c"], to: "news", ending: true, at: provider
        ) { result in refusals.withLock { $0 = result } }
        #expect(transport.underWay.count == 3)
        for place in transport.underWay { transport.settle(place, with: .success(.http(HTTPResponse(status: 401)))) }
        #expect(refusals.withLock { $0?.count } == 3)
        #expect(refusals.withLock { $0?.allSatisfy { $0 == nil } } == true)
        #expect(authorizer.state.withLock { $0.rejections } == 1)
        #expect(transport.exchanges.count == 6)
    }

    @Test func `without a credential nothing is asked, and a second refusal is the answer`() {
        let authorizer = FakeAuthorizer()
        let provider = FakeDirectory(name: "fcm", authorizer: authorizer)
        let transport = ScriptedTransport(answering: .success(.http(HTTPResponse(status: 401))))
        let errands = errands([provider], route: ["fcm"], over: transport)
        let validities = Mutex<[TokenValidity]>([])
        errands.validate(["a"], at: provider) { result in validities.withLock { $0 = result } }
        #expect(validities.withLock { $0 } == [.unknown(reason: "401")])
        #expect(transport.exchanges.count == 2)
        authorizer.state.withLock { $0 = .init(failure: Failure(.misconfigured, "no such account")) }
        errands.validate(["a", "b"], at: provider) { result in validities.withLock { $0 = result } }
        let unknown = TokenValidity.unknown(reason: "no such account")
        #expect(validities.withLock { $0 } == [unknown, unknown])
        #expect(transport.exchanges.count == 2)
        #expect(authorizer.state.withLock { $0.questions } == 1, "a credential that cannot be had is asked for once")
    }
}

/// Counts what it is told; its credential is the number of rejections.
private final class FakeAuthorizer: Authorizer {
    struct State {
        var rejections = 0
        var questions = 0
        var failure: Failure?
    }
    let state = Mutex(State())

    func ready(
        over transport: any Transport, pool: String, settings: TransferSettings, at now: Timestamp,
        then: @escaping @Sendable (Failure?) -> Void
    ) {
        let failure = state.withLock { state in
            state.questions += 1
            return state.failure
        }
        then(failure)
    }

    func reject(at now: Timestamp) { state.withLock { $0.rejections += 1 } }
}

/// A push service that speaks in statuses: 404 is a dead token, 401 a credential that has run out.
private struct FakeDirectory: PushDirectory {
    var name: ProviderName
    var keeper: FakeAuthorizer?
    let kind = ProviderKind.fcm
    let transfer = TransferSettings()
    var authorizer: (any Authorizer)? { keeper }

    init(name: ProviderName, authorizer: FakeAuthorizer? = nil) {
        self.name = name
        keeper = authorizer
    }

    func objection(to message: Message, for deliveries: [Delivery]) -> String? { nil }
    func request(for context: AttemptContext) throws(Failure) -> TransportRequest {
        throw Failure(.unavailable, "it is only asked")
    }
    func result(of reply: TransportReply, for context: AttemptContext) -> ExchangeResult {
        ExchangeResult(.accepted(reference: nil))
    }
    func healthCheck(at now: Timestamp) -> TransportRequest? { nil }
    func ailment(in reply: TransportReply) -> String? { nil }

    func repetition(after reply: TransportReply) -> Repetition? { status(reply) == 401 ? .newCredential : nil }

    func subscription(of token: String, to topic: String, ending: Bool) throws(Failure) -> TransportRequest {
        guard token != "bad" else { throw Failure(.refusedMessage, "the token cannot be written") }
        return ask(token)
    }

    func refusal(ofSubscription reply: TransportReply) -> Failure? {
        switch status(reply) {
        case 200: nil
        case 404: Failure(.refusedRecipient, "gone", scope: .endpoint)
        default: Failure(.misconfigured, "refused")
        }
    }

    func validation(of token: String) throws(Failure) -> TransportRequest { ask(token) }

    func validity(in reply: TransportReply) -> TokenValidity {
        switch status(reply) {
        case 200: .alive
        case 404: .dead(reason: "gone")
        case let other: .unknown(reason: "\(other)")
        }
    }

    private func ask(_ token: String) -> TransportRequest {
        let credential = keeper?.state.withLock { $0.rejections } ?? 0
        return .http(
            HTTPRequest(
                method: "POST", target: "https://push.example/\(token)",
                headers: HTTPHeaders(["authorization": "\(credential)"]), body: []))
    }

    private func status(_ reply: TransportReply) -> Int {
        if case .http(let response) = reply { response.status } else { 0 }
    }
}
