import Foundation
import Synchronization
import Testing
import WaypostCore
import WaypostDelivery
import WaypostMetrics
import WaypostStore

@Suite struct OnceOnlyTests {
    private static let answer = StoredAnswer(status: 200, location: "/there", body: Array("{}".utf8))

    private static func key(_ key: UInt8, _ fingerprint: UInt8 = 0) -> IdempotencyRecord {
        IdempotencyRecord(key: .init(repeating: key, count: 16), fingerprint: .init(repeating: fingerprint, count: 16))
    }

    /// A store in a folder of its own, gone with it.
    private final class Store {
        let commits: CommitQueue
        let once: OnceOnly
        private let file: StoreFile
        private let folder: URL

        init() throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "waypost-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            file = try StoreFile(StoreFile.Settings(path: folder.appending(path: "waypost.db").path))
            commits = try CommitQueue(
                file, epoch: try file.beginRun(at: SystemTime().wallNow), addresses: try file.addressKey(),
                time: SystemTime(), observer: CommitObserver(committed: { _, _, _ in }, failed: { _, _ in }))
            once = OnceOnly(commits, metrics: DeliveryMetrics(in: MetricsRegistry()))
        }

        deinit {
            commits.stop()
            file.close()
            try? FileManager.default.removeItem(at: folder)
        }
    }

    /// How many changes were really made.
    private final class Count: Sendable {
        private let value = Atomic<Int>(0)
        func increase() -> Int { value.wrappingAdd(1, ordering: .relaxed).newValue }
        var now: Int { value.load(ordering: .relaxed) }
    }

    @Test func `of many transactions the caller is told of those that are on disk, also where one fails`() throws {
        struct Broken: Error {}
        let store = try Store()
        var told: [Int] = []
        #expect(throws: IntakeRefusal.self) {
            _ = try store.once.perform("test", under: Self.key(1), transactions: 4) { _, number, before in
                if number == 2 { throw Broken() }
                return (number, answer: number == 3 ? Self.answer : nil)
            } committed: {
                told.append($0)
            }
        }
        #expect(told == [0, 1])
        told = []
        for isReplay in [false, true] {  // the key is free: nothing was answered under it
            let outcome = try store.once.perform("test", under: Self.key(1), transactions: 2) { _, number, _ in
                (number, answer: number == 1 ? Self.answer : nil)
            } committed: {
                told.append($0)
            }
            if case .replayed = outcome { #expect(isReplay) } else { #expect(!isReplay) }
        }
        #expect(told == [0, 1])
    }

    @Test func `while the first is under way another under its key is refused, and one under another key is not`()
        throws
    {
        let store = try Store()
        let gate = DispatchSemaphore(value: 0)
        let told = DispatchSemaphore(value: 0)
        store.once.submit("test", under: Self.key(1)) { _ in
            gate.wait()
            return (1, answer: Self.answer)
        } then: { _ in
            told.signal()
        }
        let second = Mutex<IntakeRefusal?>(nil)
        store.once.submit("test", under: Self.key(1)) { _ in
            (2, answer: Self.answer)
        } then: { result in
            if case .failure(let refusal) = result { second.withLock { $0 = refusal } }
        }
        #expect(second.withLock { $0 } == .idempotencyInProgress)
        #expect(throws: IntakeRefusal.idempotencyInProgress) {
            _ = try store.once.perform("test", under: Self.key(1), transactions: 1) { _, _, _ in
                (2, answer: Self.answer)
            }
        }
        gate.signal()
        told.wait()
        let others = try [Self.key(2), nil].map { key in
            try store.once.perform("test", under: key, transactions: 1) { _, _, _ in (3, answer: Self.answer) }
        }
        for outcome in others {
            guard case .made([3], Self.answer) = outcome else {
                Issue.record("not made")
                return
            }
        }
    }

    @Test func `a long change is asked for its key once, and its answer is the last one's`() throws {
        let store = try Store()
        let made = Count()
        func perform(_ key: IdempotencyRecord) throws -> OnceOnly.Outcome<[Int]> {
            try store.once.perform("test", under: key, transactions: 3) { _, number, before in
                #expect(before == Array(0..<number))
                _ = made.increase()
                return (number, answer: number == 2 ? Self.answer : nil)
            }
        }
        guard case .made([0, 1, 2], Self.answer) = try perform(Self.key(1)) else {
            Issue.record("not made")
            return
        }
        guard case .replayed(Self.answer) = try perform(Self.key(1)) else {
            Issue.record("not replayed")
            return
        }
        #expect(throws: IntakeRefusal.idempotencyMismatch) { try perform(Self.key(1, 2)) }
        #expect(made.now == 3)
    }

    @Test func `a long change that breaks off leaves its key free to do the rest`() throws {
        struct Wrong: Error {}
        let store = try Store()
        let made = Count()
        @Sendable func change(_ number: Int) throws -> (Int, answer: StoredAnswer?) {
            if number == 1, made.increase() == 1 { throw Wrong() }
            return (number, answer: number == 1 ? Self.answer : nil)
        }
        let first = #expect(throws: IntakeRefusal.self) {
            _ = try store.once.perform("test", under: Self.key(1), transactions: 2) { _, number, _ in try change(number)
            }
        }
        guard case .storeUnavailable = first else {
            Issue.record("\(String(describing: first))")
            return
        }
        let second = try store.once.perform("test", under: Self.key(1), transactions: 2) { _, number, _ in
            try change(number)
        }
        guard case .made([0, 1], Self.answer) = second else {
            Issue.record("not made")
            return
        }
    }
}
