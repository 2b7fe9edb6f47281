import Testing
import WaypostCore
import WaypostServer

@testable import WaypostAPI

@Suite struct EndpointTests {
    @Test(arguments: Endpoint.allCases)
    func `an endpoint is found at its place, and nowhere else`(endpoint: Endpoint) {
        let path = endpoint.place.pattern.replacing(/\{[a-z]+\}/, with: "x-1")
        guard
            case .found(let found, _, let parameters) = Endpoint.router.match(
                method: endpoint.place.method, path: path[...])
        else {
            Issue.record("nothing is found at \(path)")
            return
        }
        #expect(found == endpoint)
        #expect(parameters.values.allSatisfy { $0 == "x-1" })
        #expect(parameters.isEmpty == !endpoint.place.pattern.contains("{"))
        guard case .methodNotAllowed(let allow) = Endpoint.router.match(method: "PATCH", path: path[...]) else {
            Issue.record("PATCH is answered at \(path)")
            return
        }
        #expect(allow.contains(endpoint.place.method))
        guard case .notFound = Endpoint.router.match(method: endpoint.place.method, path: "\(path)/") else {
            Issue.record("something is found at the slash after \(path)")
            return
        }
    }

    @Test(
        arguments: [
            (
                Scope.send,
                [
                    Endpoint.sendMessage, .sendBatch, .cancelMessage, .resendMessage, .putUser, .deleteUser, .putDevice,
                    .deleteDevice, .subscribeTopic, .unsubscribeTopic, .validateDevices,
                ]
            ),
            (
                .read,
                [
                    .listMessages, .readMessage, .explainMessage, .listEvents, .listDeadLetters, .explainRoute,
                    .readUser, .listDevices, .readDevice,
                ]
            ),
            (
                .operate,
                [
                    .replayDeadLetters, .purgeDeadLetters, .resolveDeadLetters, .disableProvider, .enableProvider,
                    .probeProvider, .holdBreaker, .listOverrides, .liftOverride, .readConfiguration, .reload,
                ]
            ),
            (nil, [.openAPI, .metrics, .livez, .readyz, .startupz, .healthz]),
        ] as [(Scope?, [Endpoint])])
    func `what changes the router needs more than what asks it`(scope: Scope?, endpoints: [Endpoint]) {
        for endpoint in endpoints { #expect(endpoint.scope == scope, "\(endpoint)") }
    }

    @Test(arguments: Endpoint.allCases)
    func `an operator sees what a reader sees, and a reader operates nothing`(endpoint: Endpoint) {
        #expect(endpoint.alternativeScope == (endpoint.scope == .read ? .operate : nil))
    }

    @Test func `operators' endpoints and the probes answer on the second listener alone, clients' on both`() {
        let clients = Endpoint.allCases.filter { !$0.isOperational }
        #expect(clients.allSatisfy { $0.scope != .operate })
        for endpoint in [Endpoint.metrics, .livez, .readyz, .startupz, .healthz, .reload, .purgeDeadLetters] {
            #expect(endpoint.isOperational)
        }
        for endpoint in [Endpoint.sendMessage, .readMessage, .listEvents, .openAPI] {
            #expect(!endpoint.isOperational)
        }
    }
}
