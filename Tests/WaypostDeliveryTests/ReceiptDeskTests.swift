import Foundation
import Logging
import Synchronization
import Testing
import WaypostCore
import WaypostHTTP
import WaypostMetrics
import WaypostPolicy
import WaypostProviders
import WaypostStore
import WaypostTesting

@testable import WaypostDelivery

@Suite struct ReceiptDeskTests {
    /// A desk over a store of its own, and messages that a provider has taken.
    private final class Office: Sendable {
        let commits: CommitQueue
        let desk: ReceiptDesk
        let registry = MetricsRegistry()
        let steering: Steering
        private let file: StoreFile
        private let folder: URL
        private let addresses: AddressKey

        init() throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "waypost-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            file = try StoreFile(StoreFile.Settings(path: folder.appending(path: "waypost.db").path))
            addresses = try file.addressKey()
            commits = try CommitQueue(
                file, epoch: try file.beginRun(at: SystemTime().wallNow), addresses: addresses, time: SystemTime(),
                observer: CommitObserver(committed: { _, _, _ in }, failed: { _, _ in }))
            let gates: [ProviderName: GateSettings] = ["a": .email()]
            let plan = DeliveryPlan(
                version: "v1", routes: [.email: RouteSettings(providers: ["a"])],
                providers: ["a": SilentProvider(name: "a", objection: nil)], gates: gates,
                settings: DeliverySettings(), limits: LimitSettings(), publicURL: "", maxQueued: 100)
            steering = Steering(plan, gates: ProviderGates(gates) { _ in }, time: SystemTime())
            let exchange = Exchange(
                steering: steering, transport: ScriptedTransport { _ in nil }, commits: commits,
                metrics: DeliveryMetrics(in: registry), waiters: Waiters(), time: SystemTime(),
                log: Logger(label: "test"))
            desk = ReceiptDesk(steering: steering, commits: commits, exchange: exchange)
        }

        deinit {
            commits.stop()
            file.close()
            try? FileManager.default.removeItem(at: folder)
        }

        /// Messages that the provider has accepted, one attempt each, and a receipt about each.
        func receipts(_ count: Int, _ news: Receipt.News) throws -> [Receipt] {
            let now = SystemTime().wallNow
            let all = (0..<count).map { _ in (email(at: now), AttemptID(at: now)) }
            let new = all.map { message, attempt in
                let delivery = message.content.deliveries[0]
                return NewMessage(
                    message: message, encoded: [0] + message.encoded(),
                    envelopes: [
                        .init(
                            number: 0, deliveries: [delivery],
                            addressKeys: [addresses.value(of: delivery.address, on: .email)],
                            begun: Begun(id: attempt, provider: "a", startedAt: now, decision: "{}"), isHeld: true)
                    ], dueAt: now)
            }
            try commits.perform("keep") { session in
                let (result, _) = try session.keep(new) { _ in StoredAnswer(status: 202, location: nil, body: []) }
                guard case .kept(let keeping, _) = result else { return }
                for (new, row) in zip(new, keeping.compactMap(\.message)) {
                    var parcel = parcel(new.message, seq: row.seq)
                    parcel.attempts = 1
                    let begun = new.envelopes[0].begun!
                    let attempt = Attempt(
                        id: begun.id, provider: "a", startedAt: now, duration: .zero,
                        result: ExchangeResult(.accepted(reference: "ref-\(begun.id)")))
                    try session.record(
                        Conclusion(
                            parcel: parcel, attempt: attempt, moves: [Move(ordinal: 0, to: .sent, reason: nil)],
                            round: 1, tried: ["a"], dueAt: now, next: nil, decision: nil))
                }
            }
            return all.map { pair in
                var receipt = Receipt(id: "\(pair.1)", channel: .email, news: news, at: now)
                receipt.alias = "alias-\(pair.1)"
                receipt.message = pair.0.id
                receipt.attempt = pair.1
                receipt.address = "user0@example.com"
                return receipt
            }
        }

        /// Hands in and waits for the answer.
        func take(_ receipts: [Receipt]) -> Result<ReceiptCounts, StoreError>? {
            let box = Monitor<Result<ReceiptCounts, StoreError>?>(nil)
            desk.take(receipts, from: "a") { result in box.change { $0 = result } }
            return box.wait(atMost: .seconds(60)) { $0 }
        }
    }

    @Test func `nothing to take is taken at once`() throws {
        let office = try Office()
        office.commits.stop()
        let result = office.take([])
        #expect(try result?.get() == ReceiptCounts())
    }

    @Test func `a callback of several chunks is answered once, when all is on disk`() throws {
        let office = try Office()
        var receipts = try office.receipts(300, .delivered)
        receipts.append(receipts[0])
        receipts.append(Receipt(id: "stranger", channel: .email, news: .delivered, at: SystemTime().wallNow))
        let counts = try office.take(receipts)?.get()
        #expect(counts == ReceiptCounts(accepted: 300, duplicate: 1, unknown: 1))
        #expect(office.commits.ledger[.email, .delivered].live == 300)
        let page = String(decoding: office.registry.text(), as: UTF8.self)
        #expect(
            page.contains(#"messages_sent_total{channel="email",type="notification",status="delivered"} 300"#))
    }

    @Test func `a store that cannot commit says so, once`() throws {
        let office = try Office()
        let receipts = try office.receipts(200, .delivered)
        office.commits.stop()
        #expect(throws: StoreError.self) { try office.take(receipts)?.get() }
    }

    @Test func `what is told of an account reaches its breaker`() throws {
        let office = try Office()
        let receipts = try office.receipts(1, .failed(Failure(.misconfigured, "suspended")))
        _ = try office.take(receipts)?.get()
        let snapshot = try #require(office.steering.gates.snapshots(at: ContinuousClock.now).first)
        guard case .open? = snapshot.breakers.first?.state else {
            Issue.record("the breaker is not open")
            return
        }
    }

    /// `WAYPOST_MEASURE=1 swift test -c release --filter ReceiptDeskTests`: prints what the machine does.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["WAYPOST_MEASURE"] != nil), arguments: [100, 1000])
    func `measured: receipts a second`(batch: Int) throws {
        let office = try Office()
        let count = 20_000
        var receipts: [Receipt] = []
        for _ in 0..<(count / 1000) { receipts += try office.receipts(1000, .delivered) }
        // Four callbacks under way at a time, as a few connections would have them.
        let waits = Mutex<[Duration]>([])
        let under = Monitor(0)
        let started = ContinuousClock.now
        for start in stride(from: 0, to: count, by: batch) {
            _ = under.wait(atMost: nil) { $0 < 4 ? true : nil }
            under.change { $0 += 1 }
            let handedIn = ContinuousClock.now
            office.desk.take(Array(receipts[start..<start + batch]), from: "a") { _ in
                waits.withLock { $0.append(ContinuousClock.now - handedIn) }
                under.change { $0 -= 1 }
            }
        }
        _ = under.wait(atMost: nil) { $0 == 0 ? true : nil }
        let span = ContinuousClock.now - started
        let sorted = waits.withLock { $0.sorted() }
        let late = sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
        print("batches of \(batch): \(Int(Double(count) / span.seconds)) receipts/s, p99 \(late.milliseconds) ms")
        #expect(office.commits.ledger[.email, .delivered].live == count)
    }
}
