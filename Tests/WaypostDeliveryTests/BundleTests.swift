import Testing
import WaypostCore
import WaypostHTTP
import WaypostPolicy
import WaypostProviders
import WaypostStore
import WaypostTesting

@testable import WaypostDelivery

@Suite struct BundleTests {
    private let time = ManualTime()

    /// Takes up to three messages of one type together.
    private struct Carrier: BundlingProvider {
        var name: ProviderName
        let kind = ProviderKind.sendgrid
        let transfer = TransferSettings()
        let largestBundle = 3

        func canShareRequest(_ first: Message, _ second: Message) -> Bool { first.type == second.type }
        func objection(to message: Message, for deliveries: [Delivery]) -> String? { nil }
        func request(for context: AttemptContext) throws(Failure) -> TransportRequest {
            throw Failure(.unavailable, "")
        }
        func request(for contexts: [AttemptContext]) throws(Failure) -> TransportRequest {
            throw Failure(.unavailable, "")
        }
        func result(of reply: TransportReply, for context: AttemptContext) -> ExchangeResult {
            ExchangeResult(.accepted(reference: nil))
        }
        func results(of reply: TransportReply, for contexts: [AttemptContext]) -> [ExchangeResult]? { nil }
        func healthCheck(at now: Timestamp) -> TransportRequest? { nil }
        func ailment(in reply: TransportReply) -> String? { nil }
    }

    private func start(_ provider: any Provider, _ type: MessageType = .notification) throws -> Exchange.Start {
        let gates = ProviderGates([provider.name: .email()]) { _ in }
        let permit = try #require(gates.permit(provider.name, at: time.now))
        let now = time.wallNow
        return Exchange.Start(
            parcel: parcel(email(type: type, at: now)), permit: permit, provider: provider,
            begun: Begun(id: AttemptID(at: now), provider: provider.name, startedAt: now, decision: "{}"))
    }

    /// How many leave in each request.
    private func sizes(_ starts: [Exchange.Start]) -> [Int] {
        Exchange.Bundle.grouped(starts).map { bundle in
            switch bundle {
            case .one: 1
            case .many(let starts, _): starts.count
            }
        }
    }

    @Test func `neighbours that may share a request do, up to its bound`() throws {
        let carrier = Carrier(name: "a")
        let starts = try (0..<7).map { _ in try start(carrier) }
        #expect(sizes(starts) == [3, 3, 1])
    }

    @Test func `what may not is parted, and nothing changes its order`() throws {
        let (one, two) = (Carrier(name: "a"), Carrier(name: "b"))
        let starts = try [
            start(one), start(one), start(one, .marketing), start(two), start(SilentProvider(name: "c")),
            start(SilentProvider(name: "c")), start(two),
        ]
        #expect(sizes(starts) == [2, 1, 1, 1, 1, 1])
        let order = Exchange.Bundle.grouped(starts).flatMap { bundle in
            switch bundle {
            case .one(let start): [start.begun.id]
            case .many(let starts, _): starts.map(\.begun.id)
            }
        }
        #expect(order == starts.map(\.begun.id))
    }
}
