import GRDB
import Testing
import WaypostCore

@testable import WaypostStore

/// Messages that wait because of the hour, and what policies ask of the store.
@Suite struct HoldingTests {
    let store: StoreFixture
    init() throws { store = try StoreFixture() }

    private func claim(dueBy limit: Timestamp) throws -> [ClaimedParcel] {
        try store.commits.perform("claim") { try $0.claim(.init(.email, lane: 1), dueBy: limit, atMost: 9) }
    }

    private func reason(_ id: MessageID) throws -> String? { try store.reader.message(id, client: nil)?.statusReason }

    @Test func `a message that is held says why until its time has come`() throws {
        var new = store.message(to: 2, begun: nil, dueIn: .seconds(60))
        new.heldBecause = "held until then"
        try store.keep(new)
        #expect(try store.states(new.message.id) == [.scheduled, .scheduled])
        #expect(try reason(new.message.id) == "held until then")
        #expect(try claim(dueBy: new.dueAt - .milliseconds(1)).isEmpty)
        #expect(try claim(dueBy: new.dueAt).count == 1)
        #expect(try store.states(new.message.id) == [.queued, .queued])
        #expect(try reason(new.message.id) == nil)
    }

    @Test func `a message that waited into the quiet is scheduled again, and lives as much longer`() throws {
        let new = store.message(to: 2, begun: nil)
        var parcel = try store.parcel(new, store.keep(new))
        let expiresAt = parcel.message.expiresAt
        #expect(try claim(dueBy: new.dueAt).count == 1)
        parcel.dueAt = new.dueAt + .seconds(60)
        let held = parcel
        for _ in 0..<2 {
            try store.commits.perform("hold") { try $0.hold(held, for: .seconds(60), because: "quiet") }
        }
        #expect(try store.states(new.message.id) == [.scheduled, .scheduled])
        #expect(try reason(new.message.id) == "quiet")
        #expect(try store.imbalance == 0)
        #expect(try claim(dueBy: new.dueAt + .seconds(59)).isEmpty)
        let again = try #require(try claim(dueBy: new.dueAt + .seconds(60)).first)
        #expect(again.expiresAt == expiresAt + .seconds(60))
        #expect(try store.imbalance == 0)
    }

    @Test func `what was canceled is not held`() throws {
        let new = store.message(begun: nil)
        let parcel = try store.parcel(new, store.keep(new))
        _ = try store.commits.perform("cancel") { try $0.cancel(new.message.id, client: nil, reason: "canceled") }
        try store.commits.perform("hold") { try $0.hold(parcel, for: .seconds(60), because: "quiet") }
        #expect(try store.states(new.message.id) == [.canceled])
        #expect(try store.imbalance == 0)
    }

    @Test func `zones are found by user, email and phone`() throws {
        let phone = PhoneNumber(unchecked: "+14155550100")
        let people: [(String, Person.Details)] = [
            ("jane", .init(email: "Jane@Example.com", phone: phone, zone: "Europe/Paris")),
            ("joe", .init(phone: phone, zone: "Asia/Tokyo")), ("jim", .init(email: "jim@example.com")),
        ]
        for (name, details) in people {
            _ = try store.commits.perform("put") { try $0.put(details, of: UserName(unchecked: name)) }
        }
        let reader = PolicyReader(store.file, addresses: store.addresses)
        let zones = try reader.zones(of: [
            .user("jane"), .email("jane@example.com"), .phone(phone.text), .user("jim"), .email("nobody@example.com"),
            .user("jane"),
        ])
        #expect(zones[0] == ["Europe/Paris"] && zones[1] == ["Europe/Paris"] && zones[5] == ["Europe/Paris"])
        #expect(Set(zones[2]) == ["Europe/Paris", "Asia/Tokyo"])
        #expect(zones[3] == [] && zones[4] == [])
        #expect(try reader.zones(of: []) == [])
    }

    @Test func `the standing of an address is its suppression and its last words`() throws {
        let now = SystemTime().wallNow
        try store.commits.perform("suppress") { session in
            var suppression = Suppression(
                channel: .email, address: "a@example.com", reason: .unsubscribe, source: "shop",
                sparesTransactional: true, createdAt: now)
            try session.suppress(suppression)
            suppression.address = "b@example.com"
            suppression.expiresAt = now
            try session.suppress(suppression)
            for (address, state, purpose) in [
                ("a@example.com", 1, "marketing"), ("b@example.com", 1, "marketing"), ("b@example.com", 0, ""),
                ("c@example.com", 0, ""), ("c@example.com", 2, ""), ("d@example.com", 1, "notification"),
            ] {
                try session.db.execute(
                    sql: """
                        INSERT INTO consent
                            (channel, address_key, address, state, purpose, source, at, recorded_at, by)
                        VALUES (0, ?, x'00', ?, ?, 'form', 0, 0, 'shop')
                        """,
                    arguments: [session.addresses.value(of: address, on: .email), state, purpose])
            }
        }
        let reader = PolicyReader(store.file, addresses: store.addresses)
        let standings = try reader.standings(
            of: ["a@example.com", "b@example.com", "c@example.com", "d@example.com"], on: .email, for: .marketing,
            at: now + .seconds(1))
        #expect(
            standings == [
                .init(suppression: "unsubscribe", sparesTransactional: true, consent: .granted),
                .init(consent: .denied),
                .init(consent: .withdrawn), .init(),
            ])
        #expect(standings[0].isSuppressed(for: .marketing) && !standings[0].isSuppressed(for: .transactional))
    }
}
