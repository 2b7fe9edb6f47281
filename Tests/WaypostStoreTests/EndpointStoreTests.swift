import Testing
import WaypostCore

@testable import WaypostStore

@Suite struct EndpointStoreTests {
    private let store: StoreFixture
    private let reader: EndpointReader

    init() throws {
        store = try StoreFixture()
        reader = EndpointReader(store.file) { _ in nil }
    }

    /// Appends events of these messages, 0 for none.
    private func append(_ messages: Int64...) throws {
        try store.commits.perform("test") { session in
            for message in messages {
                try session.append(.delivered, of: message, ordinal: 0, provider: "ses", detail: nil)
            }
        }
    }

    private func open() throws -> KeptEndpoint {
        try #require(try store.commits.perform("test") { try $0.openEndpoints(["shop"]) }.first)
    }

    private func settle(_ change: (inout ToldRound) -> Void) throws {
        var round = ToldRound(endpoint: "shop", cursor: 3)
        change(&round)
        let settled = round
        try store.commits.perform("test") { try $0.settle(settled) }
    }

    private func due() throws -> [Int64] {
        try reader.due(for: "shop", at: SystemTime().wallNow, limit: 10).events.map(\.event.seq)
    }

    @Test func `a new endpoint begins at the newest event, and one that is known where it stood`() throws {
        try append(0, 0)
        #expect(try open() == KeptEndpoint(name: "shop", cursor: 2))
        try append(0)
        #expect(try open().cursor == 2)
        try settle { _ in }
        #expect(try open().cursor == 3)
    }

    @Test func `what was told and not written is read again`() throws {
        _ = try open()
        try append(0, 0, 0)
        func fresh(_ reader: EndpointReader) throws -> [Int64] {
            let cursor = try open().cursor
            return try reader.events(after: cursor, for: "shop", limit: 10, depth: 100) { _ in true }
                .events.map(\.event.seq)
        }
        #expect(try fresh(reader) == [1, 2, 3])
        try store.reopen()
        #expect(try fresh(EndpointReader(store.file) { _ in nil }) == [1, 2, 3])
        try settle { $0.cursor = 2 }
        #expect(try fresh(EndpointReader(store.file) { _ in nil }) == [3])
    }

    @Test func `a walk goes past what nobody wants, as far as it may look`() throws {
        try append(0, 0, 0, 0, 0)
        let none = try reader.events(after: 0, for: "shop", limit: 2, depth: 4) { _ in false }
        #expect(none.events == [] && none.upTo == 4)
        let two = try reader.events(after: 0, for: "shop", limit: 2, depth: 4) { _ in true }
        #expect(two.events.map(\.event.seq) == [1, 2] && two.upTo == 2)
    }

    @Test func `events of a message wait behind the one that is told again`() throws {
        _ = try open()
        try append(7, 7, 8)
        let now = SystemTime().wallNow
        try settle {
            $0.kept = [
                .init(event: 1, message: 7, tries: 1, dueAt: now + .seconds(60)),
                .init(event: 2, message: 7, tries: 0, dueAt: nil),
            ]
        }
        #expect(try open().waiting == 2)
        #expect(try due() == [])
        #expect(try reader.nextDue(for: "shop") == now + .seconds(60))
        try append(7, 8)
        let fresh = try reader.events(after: 3, for: "shop", limit: 10, depth: 10) { _ in true }.events
        #expect(fresh.map(\.isBlocked) == [true, false])
        try settle { $0.done = [1] }
        #expect(try due() == [2])
        try settle { $0.done = [2] }
        #expect(try open().waiting == 0)
        #expect(try reader.nextDue(for: "shop") == nil)
    }

    @Test func `a row whose event is gone is told of`() throws {
        _ = try open()
        try settle { $0.kept = [.init(event: 99, message: 7, tries: 1, dueAt: SystemTime().wallNow)] }
        let due = try reader.due(for: "shop", at: SystemTime().wallNow, limit: 10)
        #expect(due.events == [] && due.vanished == [99])
    }

    @Test func `an endpoint that is disabled says so in the feed, and is given fresh tries when it is enabled`() throws
    {
        _ = try open()
        try append(0)
        let since = SystemTime().wallNow - .seconds(60)
        try settle {
            $0.kept = [.init(event: 1, message: 0, tries: 8, dueAt: since + .seconds(3600))]
            $0.failingSince = since
            $0.disabling = "it answered 410"
        }
        let kept = try open()
        #expect(kept.disabledAt != nil && kept.reason == "it answered 410" && kept.failingSince == since)
        let told = try #require(try store.reader.events(after: 1, client: "somebody", limit: 10).first)
        #expect(told.type == .endpointDisabled && told.message == nil && told.detail == "shop: it answered 410")
        let data = #"{"endpoint":"shop","reason":"it answered 410"}"#
        #expect(told.data.map { String(decoding: $0, as: UTF8.self) } == data)
        #expect(try store.commits.perform("test") { try $0.disableEndpoint("shop", because: "again") } == false)
        try store.commits.perform("test") { try $0.enableEndpoint("shop") }
        var enabled = KeptEndpoint(name: "shop", cursor: 3)
        enabled.waiting = 1
        #expect(try open() == enabled)
        let again = try reader.due(for: "shop", at: SystemTime().wallNow, limit: 10).events
        #expect(again.map(\.tries) == [0] && again.map(\.isRetold) == [true])
    }
}
