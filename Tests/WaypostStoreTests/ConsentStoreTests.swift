import Testing
import WaypostCore

@testable import WaypostStore

@Suite struct ConsentStoreTests {
    let store: StoreFixture
    init() throws { store = try StoreFixture() }

    private var now: Timestamp { SystemTime().wallNow }
    private var reader: ConsentReader { ConsentReader(store.file, addresses: store.addresses) }

    private func entry(
        _ state: Consent.State, _ purpose: String = "", _ address: String = "user0@example.com",
        on channel: Channel = .email
    ) -> Consent {
        Consent(
            channel: channel, address: address, state: state, purpose: purpose, source: "form", at: now,
            recordedAt: now,
            by: "shop")
    }

    @discardableResult
    private func enter(_ entry: Consent) throws -> Bool {
        try store.commits.perform("consent") { try $0.enter(entry) }
    }

    private func outcomes(
        _ messages: [NewMessage], type: MessageType = .transactional, isRequired: Bool = false
    ) throws -> [KeepOutcome] {
        let messages = messages.map { message in
            var message = message
            message.message.type = type
            message.requiresConsent = isRequired
            return message
        }
        let result = try store.commits.perform("keep") { session in
            try session.keep(messages) { _ in StoredAnswer(status: 202, location: nil, body: []) }.0
        }
        guard case .kept(let outcomes, _) = result else { throw StoreError.rejected("limited") }
        return outcomes
    }

    private func objection(type: MessageType, isRequired: Bool) throws -> ConsentObjection.Kind? {
        try outcomes([store.message()], type: type, isRequired: isRequired)[0].objections?.first?.kind
    }

    @Test(
        arguments: [
            ([], MessageType.marketing, false, nil), ([], .marketing, true, .missing),
            ([(.granted, "")], .marketing, true, nil), ([(.granted, "marketing")], .marketing, true, nil),
            ([(.granted, "marketing")], .notification, true, .missing),
            ([(.granted, "news")], .marketing, true, .missing),
            ([(.denied, "")], .transactional, false, .denied), ([(.denied, "marketing")], .transactional, false, nil),
            ([(.denied, "marketing")], .marketing, false, .denied), ([(.denied, "news")], .marketing, false, nil),
            ([(.denied, ""), (.granted, "")], .transactional, false, nil),
            ([(.granted, ""), (.denied, "")], .marketing, true, .denied),
            ([(.granted, ""), (.denied, "marketing")], .marketing, true, .denied),
            ([(.granted, ""), (.denied, "marketing")], .notification, true, nil),
            ([(.granted, ""), (.withdrawn, "")], .marketing, true, .missing),
            ([(.denied, ""), (.withdrawn, "")], .transactional, false, nil),
        ] as [([(Consent.State, String)], MessageType, Bool, ConsentObjection.Kind?)])
    func `the last word about everything and about the type decides`(
        said: [(Consent.State, String)], type: MessageType, isRequired: Bool, objection: ConsentObjection.Kind?
    ) throws {
        for (state, purpose) in said { try enter(entry(state, purpose)) }
        #expect(try self.objection(type: type, isRequired: isRequired) == objection)
        let found = try reader.findings(
            for: ["user0@example.com"], on: .email, type, requiresConsent: isRequired, at: now)
        #expect(found.objections.first?.kind == objection, "a reader sees the same")
    }

    @Test func `nothing of a refused message is kept, and the others are`() throws {
        try enter(entry(.denied, "", "user1@example.com"))
        let messages = [store.message(), store.message(to: 2), store.message()]
        let outcomes = try outcomes(messages)
        #expect(outcomes.map { $0.message == nil } == [false, true, false])
        #expect(outcomes[1].objections == [ConsentObjection(ordinal: 1, kind: .denied)])
        #expect(try store.reader.message(messages[1].message.id, client: nil) == nil)
        #expect(try store.states(messages[0].message.id) == [.sending])
        #expect(try store.states(messages[2].message.id) == [.sending])
        #expect(try store.imbalance == 0)
    }

    @Test func `who is suppressed is not asked; where nobody is left the message is kept as suppressed`() throws {
        try store.commits.perform("suppress") { [now] in
            _ = try $0.put(
                Suppression(
                    channel: .email, address: "user0@example.com", reason: .complaint, source: "ses", createdAt: now))
        }
        let alone = try outcomes([store.message()], type: .marketing, isRequired: true)
        #expect(alone[0].message?.states == [.suppressed] && alone[0].message?.causes == [.complaint])
        let both = try outcomes([store.message(to: 2)], type: .marketing, isRequired: true)
        #expect(both[0].objections == [ConsentObjection(ordinal: 1, kind: .missing)])
        let found = try reader.findings(
            for: ["user0@example.com", "user1@example.com"], on: .email, .marketing, requiresConsent: true, at: now)
        #expect(found.suppressed.map(\.ordinal) == [0] && found.objections.map(\.ordinal) == [1] && !found.isSuppressed)
    }

    @Test func `an answer that tells of refusals alone stays with no key`() throws {
        let key = IdempotencyRecord(key: Array(repeating: 1, count: 16), fingerprint: Array(repeating: 2, count: 16))
        var new = store.message()
        new.requiresConsent = true
        for _ in 0..<2 {
            guard case .made(.kept(let outcomes, let told), let answer) = try store.keep(new, key: key) else {
                Issue.record("replayed")
                return
            }
            #expect(outcomes[0].objections != nil && told != nil && answer == nil)
        }
        try enter(entry(.granted))
        guard case .made(.kept(let outcomes, _), .some) = try store.keep(new, key: key) else {
            Issue.record("not kept")
            return
        }
        #expect(outcomes[0].message?.states == [.sending])
    }

    @Test func `the ledger tells what holds and how it came about, in pages`() throws {
        #expect(try reader.consents(of: "user0@example.com", on: .email, after: nil, limit: 10) == nil)
        #expect(try enter(entry(.granted)))
        #expect(try enter(entry(.granted, "marketing")))
        #expect(try !enter(entry(.denied, "marketing")))
        try enter(entry(.denied, "", "other@example.com"))
        let record = try #require(try reader.consents(of: "user0@example.com", on: .email, after: nil, limit: 2))
        #expect(record.standing.map(\.purpose) == ["", "marketing"])
        #expect(record.standing.map(\.state) == [.granted, .denied])
        #expect(record.history.map(\.consent.state) == [.denied, .granted])
        let rest = try #require(
            try reader.consents(of: "user0@example.com", on: .email, after: record.history.last?.seq, limit: 2))
        #expect(rest.history.map(\.consent.purpose) == [""])
    }

    @Test func `a withdrawal is an entry for each purpose that stands`() throws {
        let withdrawal = entry(.withdrawn)
        let withdraw = { (purpose: String?) in
            try store.commits.perform("consent") { try $0.withdrawConsents(purpose, as: withdrawal) }
        }
        #expect(try !withdraw(nil))
        try enter(entry(.granted))
        try enter(entry(.denied, "marketing"))
        try enter(entry(.granted, "news"))
        #expect(try withdraw("news"))
        #expect(try !withdraw("other"))
        #expect(try objection(type: .marketing, isRequired: false) == .denied)
        #expect(try withdraw(nil))
        #expect(try withdraw(nil), "again: nothing is added")
        let record = try #require(try reader.consents(of: "user0@example.com", on: .email, after: nil, limit: 10))
        #expect(record.standing.allSatisfy { $0.state == .withdrawn })
        #expect(record.history.count == 6)
        #expect(try objection(type: .marketing, isRequired: false) == nil)
    }
}
