import Foundation
import GRDB
import Testing
import WaypostCore

@testable import WaypostStore

@Suite struct KeepingTests {
    let store: StoreFixture
    init() throws { store = try StoreFixture() }

    @Test func `the open writer is set to FULL`() throws {
        let level = try store.file.pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
        #expect(level == 2)
        let journal = try store.file.pool.writeWithoutTransaction {
            try String.fetchOne($0, sql: "PRAGMA journal_mode")
        }
        #expect(journal == "wal")
    }

    @Test func `a message that holds a permit is kept as begun`() throws {
        let new = store.message(to: 2)
        try store.keep(new)
        let record = try #require(try store.reader.message(new.message.id, client: nil))
        #expect(record.deliveries.map(\.state) == [.sending, .sending])
        #expect(record.attempts.count == 1)
        #expect(record.attempts.first?.ending == nil)
        #expect(try store.imbalance == 0)
    }

    @Test func `a message is seen by its own client alone`() throws {
        let new = store.message()
        try store.keep(new)
        #expect(try store.reader.message(new.message.id, client: "shop") != nil)
        #expect(try store.reader.message(new.message.id, client: "other") == nil)
    }

    @Test func `the same key gives the first answer, and keeps nothing more`() throws {
        let key = IdempotencyRecord(key: Array(repeating: 1, count: 16), fingerprint: Array(repeating: 2, count: 16))
        let first = store.message()
        try store.keep(first, key: key)
        guard case .replayed(let answer) = try store.keep(store.message(), key: key) else {
            Issue.record("not replayed")
            return
        }
        #expect(answer.body == first.message.id.bytes)
        #expect(try store.reader.books().recounted[.email, .sending].live == 1)
    }

    @Test func `the same key with another request is a mismatch`() throws {
        let key = IdempotencyRecord(key: Array(repeating: 1, count: 16), fingerprint: Array(repeating: 2, count: 16))
        try store.keep(store.message(), key: key)
        let other = IdempotencyRecord(key: key.key, fingerprint: Array(repeating: 3, count: 16))
        guard case .mismatch = try store.keep(store.message(), key: other) else {
            Issue.record("no mismatch")
            return
        }
    }

    @Test func `any change is made once under its key, and its answer is kept with it`() throws {
        let key = IdempotencyRecord(key: Array(repeating: 1, count: 16), fingerprint: Array(repeating: 2, count: 16))
        let waiting = store.message(begun: nil)
        try store.keep(waiting)
        let first = StoredAnswer(status: 200, location: nil, body: Array("first".utf8))
        func cancel(_ answer: StoredAnswer?) throws -> Once<WriteSession.CancelResult> {
            try store.commits.perform("cancel") { session in
                try session.once(key) { (try session.cancel(waiting.message.id, client: nil, reason: "x"), answer) }
            }
        }
        guard case .made(.canceled, first) = try cancel(first) else {
            Issue.record("not made")
            return
        }
        guard case .replayed(first) = try cancel(StoredAnswer(status: 409, location: nil, body: [])) else {
            Issue.record("not replayed")
            return
        }
    }

    @Test func `a change that fails or commits nothing leaves its key free`() throws {
        struct Wrong: Error {}
        let key = IdempotencyRecord(key: Array(repeating: 1, count: 16), fingerprint: Array(repeating: 2, count: 16))
        #expect(throws: StoreError.self) {
            _ = try store.commits.perform("test") { session in
                try session.once(key) { () throws -> (Int, answer: StoredAnswer?) in throw Wrong() }
            }
        }
        let nothing = try store.commits.perform("test") { session in try session.once(key) { (1, answer: nil) } }
        guard case .made(1, nil) = nothing else {
            Issue.record("the failure was kept")
            return
        }
        guard case .made = try store.keep(store.message(), key: key) else {
            Issue.record("nothing was kept as an answer")
            return
        }
    }

    @Test func `a change at fault does not spoil the others of its batch`() throws {
        let good = store.message()
        let twice = good
        try store.keep(good)
        #expect(throws: StoreError.self) { try store.keep(twice) }
        try store.keep(store.message())
        #expect(try store.imbalance == 0)
        #expect(try store.reader.books().recounted[.email, .sending].live == 2)
    }
}

@Suite struct AttemptLogTests {
    let store: StoreFixture
    init() throws { store = try StoreFixture() }

    @Test func `an accepted attempt moves every delivery and tells the feed`() throws {
        let new = store.message(to: 2)
        let parcel = try store.parcel(new, store.keep(new))
        let moves = [0, 1].map { Move(ordinal: $0, to: .sent, reason: nil) }
        let conclusion = Conclusion(
            parcel: parcel, attempt: store.attempt(.accepted(reference: "abc")), moves: moves, round: 1,
            tried: ["sendgrid"],
            dueAt: parcel.dueAt, next: nil, decision: nil)
        _ = try store.commits.perform("record") { try $0.record(conclusion) }
        let record = try #require(try store.reader.message(new.message.id, client: nil))
        #expect(record.deliveries.map(\.state) == [.sent, .sent])
        #expect(record.deliveries.first?.reference == "abc")
        #expect(record.attempts.first?.ending?.outcome == "accepted")
        #expect(record.events.map(\.type) == [.sent, .sent])
        #expect(try store.imbalance == 0)
    }

    @Test func `a refused recipient is suppressed for the messages that follow`() throws {
        let new = store.message()
        let parcel = try store.parcel(new, store.keep(new))
        let refused = Move(ordinal: 0, to: .failed, reason: "550 5.1.1", suppression: .hardBounce)
        let conclusion = Conclusion(
            parcel: parcel, attempt: store.attempt(.failed(Failure(.refusedRecipient, "550 5.1.1"))), moves: [refused],
            round: 1,
            tried: ["sendgrid"], dueAt: parcel.dueAt, next: nil, decision: nil)
        _ = try store.commits.perform("record") { try $0.record(conclusion) }
        let next = store.message()
        try store.keep(next)
        #expect(try store.states(next.message.id) == [.suppressed])
        #expect(try store.imbalance == 0)
    }

    @Test func `the attempt that follows is begun in the same transaction`() throws {
        let new = store.message()
        let parcel = try store.parcel(new, store.keep(new))
        let now = SystemTime().wallNow
        let next = Begun(id: AttemptID(at: now), provider: "ses", startedAt: now, decision: "{}")
        let conclusion = Conclusion(
            parcel: parcel, attempt: store.attempt(.failed(Failure(.unavailable, "refused"))), moves: [], round: 1,
            tried: ["sendgrid"], dueAt: parcel.dueAt, next: next, decision: nil)
        _ = try store.commits.perform("record") { try $0.record(conclusion) }
        let record = try #require(try store.reader.message(new.message.id, client: nil))
        #expect(record.deliveries.map(\.state) == [.sending])
        #expect(record.attempts.map(\.provider) == ["sendgrid", "ses"])
    }
}

@Suite struct OutboxTests {
    let store: StoreFixture
    init() throws { store = try StoreFixture() }

    @Test func `a claim takes whole envelopes that nobody holds, oldest first`() throws {
        let later = store.message(to: 3, begun: nil, dueIn: .milliseconds(-1))
        let sooner = store.message(to: 2, begun: nil, dueIn: .seconds(-5))
        try store.keep(later)
        try store.keep(sooner)
        let now = SystemTime().wallNow
        let claimed = try store.commits.perform("claim") { try $0.claim(.init(.email, lane: 1), dueBy: now, atMost: 1) }
        #expect(claimed.map(\.ordinals) == [[0, 1]])
        let rest = try store.commits.perform("claim") { try $0.claim(.init(.email, lane: 1), dueBy: now, atMost: 10) }
        #expect(rest.map(\.ordinals) == [[0, 1, 2]])
        #expect(try store.imbalance == 0)
    }

    @Test func `what is scheduled is not claimed before its time`() throws {
        let new = store.message(begun: nil, dueIn: .seconds(60))
        try store.keep(new)
        let now = SystemTime().wallNow
        #expect(try store.states(new.message.id) == [.scheduled])
        #expect(
            try store.commits.perform("claim") { try $0.claim(.init(.email, lane: 1), dueBy: now, atMost: 9) }.isEmpty)
        let due = now + .seconds(61)
        #expect(
            try store.commits.perform("claim") { try $0.claim(.init(.email, lane: 1), dueBy: due, atMost: 9) }.count
                == 1)
        #expect(try store.states(new.message.id) == [.queued])
        #expect(try store.imbalance == 0)
    }

    @Test func `a message canceled while it waits is not begun`() throws {
        let new = store.message(begun: nil)
        let kept = try store.keep(new)
        var parcel = try store.parcel(new, kept)
        parcel.attempts = 0
        let id = new.message.id
        #expect(
            try store.commits.perform("cancel") { try $0.cancel(id, client: nil, reason: "asked") }
                == .canceled(.email, .transactional, deliveries: 1))
        let now = SystemTime().wallNow
        let begun = Begun(id: AttemptID(at: now), provider: "ses", startedAt: now, decision: "{}")
        let waiting = parcel
        #expect(try store.commits.perform("begin") { try $0.begin(waiting, begun) } == Beginning())
        #expect(try store.states(id) == [.canceled])
        #expect(try store.imbalance == 0)
    }

    @Test func `a message that has left is too late to cancel`() throws {
        let new = store.message()
        try store.keep(new)
        let id = new.message.id
        let result = try store.commits.perform("cancel") { try $0.cancel(id, client: nil, reason: "asked") }
        #expect(result == .tooLate(.sending))
    }
}

@Suite struct RecoveryTests {
    let store: StoreFixture
    init() throws { store = try StoreFixture() }

    @Test(arguments: [
        (AmbiguityPolicy.resend, DeliveryState.queued), (.hold, .inDoubt), (.reconcile, .inDoubt),
    ])
    func `an attempt without outcome goes through the policy after a restart`(
        policy: AmbiguityPolicy, state: DeliveryState
    ) throws {
        let new = store.message()
        try store.keep(new)
        try store.reopen()
        let recovered = try store.commits.perform("recover") {
            try $0.recover(under: ReceiptRules(reporting: []) { _ in policy })
        }
        #expect(recovered.inDoubt.map(\.message) == [new.message.id])
        #expect(try store.states(new.message.id) == [state])
        let record = try #require(try store.reader.message(new.message.id, client: nil))
        #expect(record.attempts.first?.ending?.outcome == "ambiguous")
        #expect(try store.imbalance == 0)
    }

    @Test func `an attempt that its provider can tell about is asked about after a restart, and after the next`() throws
    {
        let new = store.message()
        try store.keep(new)
        for isFirst in [true, false] {
            try store.reopen()
            let recovered = try store.commits.perform("recover") {
                try $0.recover(under: ReceiptRules(reporting: []) { _ in .reconcile }, canTell: { $1 == "sendgrid" })
            }
            #expect(recovered.inDoubt.map(\.resolution) == (isFirst ? [.asked] : []))
            #expect(recovered.reconciling == (isFirst ? 0 : 1))
            #expect(recovered.released == 0)
            #expect(try store.states(new.message.id) == [.sending])
            // It is nobody's to claim.
            #expect(try store.commits.perform("next") { try $0.nextDue(.init(.email, lane: 1)) } == nil)
        }
        let due = try store.commits.perform("take") {
            try $0.takeReconciliations(atMost: 9, lease: .seconds(60), perProvider: 9, busy: [:])
        }
        #expect(due.items.map(\.provider) == ["sendgrid"])
        let record = try #require(try store.reader.message(new.message.id, client: nil))
        #expect(record.attempts.first?.ending?.outcome == "ambiguous")
        #expect(record.statusReason?.contains("asking") == true)
        #expect(try store.imbalance == 0)
        #expect(try Inspection.of(path: store.path).findings == [])
    }

    @Test func `what only waited goes on as if nothing happened`() throws {
        var new = store.message(begun: nil)
        new.envelopes[0].isHeld = true
        try store.keep(new)
        try store.reopen()
        let recovered = try store.commits.perform("recover") { try $0.recover(under: .none) }
        #expect(recovered.inDoubt.isEmpty)
        #expect(recovered.released == 1)
        let now = SystemTime().wallNow
        #expect(
            try store.commits.perform("claim") { try $0.claim(.init(.email, lane: 1), dueBy: now, atMost: 9) }.count
                == 1)
    }

    @Test func `a second router is kept out`() throws {
        #expect(throws: StoreError.self) { _ = try StoreFile(StoreFile.Settings(path: store.path)) }
    }

    @Test func `a file that is no database is refused with a way out`() throws {
        let path = store.folder.appendingPathComponent("other.db").path
        try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: StoreError.self) { _ = try StoreFile(StoreFile.Settings(path: path)) }
        #expect(error?.detail.contains("restore a backup") == true)
    }
}

@Suite struct LedgerTests {
    let store: StoreFixture
    init() throws { store = try StoreFixture() }

    @Test func `a damaged row unbalances the books`() throws {
        try store.keep(store.message())
        #expect(try store.imbalance == 0)
        try store.file.pool.write { try $0.execute(sql: "UPDATE delivery SET state = 3") }
        #expect(try store.imbalance == 2)
        try store.file.pool.write { try $0.execute(sql: "DELETE FROM delivery") }
        #expect(try store.imbalance > 0)
        #expect(try Inspection.of(path: store.path).findings.isEmpty == false)
    }

    @Test func `retention leaves the books balanced`() throws {
        let new = store.message()
        let parcel = try store.parcel(new, store.keep(new))
        let conclusion = Conclusion(
            parcel: parcel, attempt: store.attempt(.accepted(reference: nil)),
            moves: [Move(ordinal: 0, to: .sent, reason: nil)],
            round: 1, tried: [], dueAt: parcel.dueAt, next: nil, decision: nil)
        _ = try store.commits.perform("record") { try $0.record(conclusion) }
        try store.keep(store.message())
        let limit = SystemTime().wallNow + .seconds(60)
        _ = try store.commits.perform("retire") { try $0.retire(finalBefore: limit, after: 0, atMost: 100) }
        #expect(try store.reader.message(new.message.id, client: nil) == nil)
        let books = try store.reader.books()
        #expect(books.running[.email, .sent] == Ledger.Entry(live: 0, retired: 1))
        #expect(books.running[.email, .sending].live == 1)
        #expect(try store.imbalance == 0)
        #expect(try Inspection.of(path: store.path).findings == [])
    }
}
