import GRDB
import Testing
import WaypostCore

@testable import WaypostStore

@Suite struct SuppressionStoreTests {
    let store: StoreFixture
    init() throws { store = try StoreFixture() }

    private var now: Timestamp { SystemTime().wallNow }
    private var reader: SuppressionReader { SuppressionReader(store.file, addresses: store.addresses) }

    private func suppression(
        _ address: String = "user0@example.com", _ reason: Suppression.Reason = .manual, on channel: Channel = .email,
        source: String = "api:shop", spares: Bool = false, endsIn span: Duration? = nil
    ) -> Suppression {
        Suppression(
            channel: channel, address: address, reason: reason, source: source, sparesTransactional: spares,
            createdAt: now, expiresAt: span.map { now + $0 })
    }

    private func put(_ suppression: Suppression) throws -> Bool {
        try store.commits.perform("suppress") { try $0.put(suppression).isNew }
    }

    private func kept(_ new: NewMessage) throws -> KeptMessage {
        guard case .made(.kept(let outcomes, _), _) = try store.keep(new), let message = outcomes[0].message else {
            throw StoreError.rejected("not kept")
        }
        return message
    }

    private func list(
        _ filter: SuppressionFilter = .init(), after: Int64? = nil, limit: Int = 50
    ) throws -> SuppressionReader.Page {
        try reader.suppressions(filter, after: after, limit: limit, at: now)
    }

    @Test func `an address is suppressed, kept back, read, replaced and lifted`() throws {
        #expect(try put(suppression(.init("user0@example.com"), .manual)))
        let first = try #require(try reader.suppression(of: "user0@example.com", on: .email, at: now))
        #expect(first.reason == .manual && first.source == "api:shop" && first.address == "user0@example.com")
        let message = try kept(store.message(to: 2))
        #expect(message.states == [.suppressed, .sending] && message.causes == [.manual])
        #expect(try !put(suppression("user0@example.com", .complaint)), "it replaces, and says so")
        let second = try #require(try reader.suppression(of: "user0@example.com", on: .email, at: now))
        #expect(second.reason == .complaint && second.createdAt == first.createdAt)
        #expect(try reader.suppression(of: "user0@example.com", on: .sms, at: now) == nil, "another channel")
        let lift = { try store.commits.perform("lift") { try $0.liftSuppression(of: "user0@example.com", on: .email) } }
        #expect(try lift())
        #expect(try !lift())
        #expect(try kept(store.message()).states == [.sending])
        #expect(try store.imbalance == 0)
    }

    @Test func `the address is closed in its column, and looked up by its key`() throws {
        _ = try put(suppression())
        let row = try #require(
            try store.file.pool.read { try Row.fetchOne($0, sql: "SELECT address_key, address FROM suppressed") })
        #expect(row[0] == store.addresses.value(of: "user0@example.com", on: .email))
        let body: [UInt8] = try KeptBody.opened(row[1])
        #expect(body == Array("user0@example.com".utf8))
    }

    @Test func `what a provider says does not take the place of the first reason, unless that holds less`() throws {
        let cases: [(first: Suppression, second: Suppression, wins: Bool)] = [
            (suppression("a@example.com", .manual), suppression("a@example.com", .hardBounce), false),
            (
                suppression("b@example.com", .unsubscribe, spares: true), suppression("b@example.com", .hardBounce),
                true
            ),
            (
                suppression("c@example.com", .manual, endsIn: .seconds(60)), suppression("c@example.com", .hardBounce),
                true
            ),
            (
                suppression("d@example.com", .manual), suppression("d@example.com", .hardBounce, endsIn: .seconds(60)),
                false
            ),
            (
                suppression("e@example.com", .manual, endsIn: .seconds(60)),
                suppression("e@example.com", .hardBounce, endsIn: .seconds(30)), false
            ),
        ]
        for (first, second, wins) in cases {
            _ = try put(first)
            try store.commits.perform("record") { try $0.suppress(second) }
            let address = try #require(first.address)
            let found = try reader.suppression(of: address, on: .email, at: now)
            #expect(found?.reason == (wins ? second.reason : first.reason), "\(first)")
        }
    }

    @Test func `what is over counts no more, gives way to the next, and is removed`() throws {
        _ = try put(suppression("user0@example.com", .manual, endsIn: .milliseconds(-1)))
        _ = try put(suppression("user1@example.com", .manual, endsIn: .seconds(600)))
        #expect(try reader.suppression(of: "user0@example.com", on: .email, at: now) == nil)
        #expect(try list().rows.map(\.address) == ["user1@example.com"])
        #expect(try kept(store.message(to: 2)).states == [.sending, .suppressed])
        #expect(try store.commits.perform("forget") { try $0.removeExpiredSuppressions(atMost: 10) } == 1)
        #expect(try store.commits.perform("forget") { try $0.removeExpiredSuppressions(atMost: 10) } == 0)
        _ = try put(suppression("user0@example.com", .manual, endsIn: .milliseconds(-1)))
        try store.commits.perform("record") { [now] in
            try $0.suppress(
                Suppression(
                    channel: .email, address: "user0@example.com", reason: .hardBounce, source: "ses",
                    createdAt: now))
        }
        #expect(try reader.suppression(of: "user0@example.com", on: .email, at: now)?.reason == .hardBounce)
        _ = try put(suppression("user2@example.com", .manual, endsIn: .milliseconds(-1)))
        #expect(try put(suppression("user2@example.com", .complaint)), "nothing was in force")
        #expect(try list().rows.first?.address == "user2@example.com")
    }

    @Test func `one that spares transactional messages keeps the others back`() throws {
        _ = try put(suppression("user0@example.com", .unsubscribe, spares: true))
        #expect(try kept(store.message()).states == [.sending])
        var marketing = store.message()
        marketing.message.type = .marketing
        #expect(try kept(marketing).states == [.suppressed])
    }

    @Test func `the list is newest first, in pages, and filtered`() throws {
        for number in 0..<7 {
            let isEven = number.isMultiple(of: 2)
            _ = try put(
                suppression(
                    "user\(number)@example.com", isEven ? .manual : .complaint, on: .email,
                    source: isEven ? "api:shop" : "ses"))
        }
        _ = try put(suppression("+14155550100", .optOut, on: .sms))
        var seen: [String?] = []
        var after: Int64?
        repeat {
            let page = try list(after: after, limit: 3)
            seen += page.rows.map(\.address)
            after = page.next
        } while after != nil
        #expect(seen == ["+14155550100"] + (0..<7).reversed().map { "user\($0)@example.com" })
        var filter = SuppressionFilter()
        filter.reason = .complaint
        #expect(try list(filter).rows.count == 3)
        #expect(try list(filter, limit: 3).next == nil)
        #expect(try list(filter, limit: 2).next != nil)
        filter.channel = .sms
        #expect(try list(filter).rows.isEmpty)
        filter = SuppressionFilter()
        filter.source = "ses"
        #expect(try list(filter).rows.count == 3)
        filter = SuppressionFilter()
        (filter.channel, filter.address) = (.email, "user3@example.com")
        #expect(try list(filter).rows.map(\.reason) == [.complaint])
        filter.reason = .manual
        #expect(try list(filter).rows.isEmpty)
    }

    @Test func `the list is there after a restart`() throws {
        _ = try put(suppression())
        try store.reopen()
        #expect(store.commits.hasLists)
        #expect(try kept(store.message()).states == [.suppressed])
    }
}
