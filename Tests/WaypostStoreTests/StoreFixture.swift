import Foundation
import Testing
import WaypostCore

@testable import WaypostStore

/// A store in a folder of its own, opened as the router opens it; `reopen` is a restart.
final class StoreFixture {
    let folder: URL
    var path: String { folder.appendingPathComponent("waypost.db").path }
    private(set) var file: StoreFile
    private(set) var commits: CommitQueue
    private(set) var epoch: Int64
    private(set) var addresses: AddressKey

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("waypost-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        (file, commits, epoch, addresses) = try Self.open(folder.appendingPathComponent("waypost.db").path)
    }

    deinit {
        commits.stop()
        file.close()
        try? FileManager.default.removeItem(at: folder)
    }

    private static func open(_ path: String) throws -> (StoreFile, CommitQueue, Int64, AddressKey) {
        let file = try StoreFile(StoreFile.Settings(path: path))
        let epoch = try file.beginRun(at: SystemTime().wallNow)
        let addresses = try file.addressKey()
        let observer = CommitObserver(committed: { _, _, _ in }, failed: { _, _ in })
        let commits = try CommitQueue(file, epoch: epoch, addresses: addresses, time: SystemTime(), observer: observer)
        return (file, commits, epoch, addresses)
    }

    func close() {
        commits.stop()
        file.close()
    }

    /// As after `kill -9`: nothing was said at the end.
    func reopen() throws {
        let path = path
        close()
        file = try Self.withLock(path)
        epoch = try file.beginRun(at: SystemTime().wallNow)
        addresses = try file.addressKey()
        let observer = CommitObserver(committed: { _, _, _ in }, failed: { _, _ in })
        commits = try CommitQueue(file, epoch: epoch, addresses: addresses, time: SystemTime(), observer: observer)
    }

    private static func withLock(_ path: String) throws -> StoreFile { try StoreFile(StoreFile.Settings(path: path)) }

    var reader: MessageReader { MessageReader(file, addresses: addresses, decode: { _ in nil }) }

    /// A message to `count` addresses, as intake would hand it over.
    func message(
        to count: Int = 1, begun provider: ProviderName? = "sendgrid", dueIn delay: Duration = .zero,
        priority: Priority = .normal
    ) -> NewMessage {
        let now = SystemTime().wallNow
        let mailboxes = (0..<count).map { Mailbox(email: "user\($0)@example.com") }
        var message = Message(
            id: MessageID(at: now), client: "shop", content: .email(Email(to: mailboxes, subject: "Hello")),
            createdAt: now,
            expiresAt: now + .seconds(3600), traceparent: "")
        message.priority = priority
        let deliveries = message.content.deliveries
        return NewMessage(
            message: message, encoded: [0] + Array("{}".utf8),
            envelopes: [
                .init(
                    number: 0, deliveries: deliveries,
                    addressKeys: deliveries.map { addresses.value(of: $0.address, on: .email) },
                    begun: provider.map { Begun(id: AttemptID(at: now), provider: $0, startedAt: now, decision: "{}") },
                    decision: provider == nil ? "{}" : nil, isHeld: provider != nil)
            ], dueAt: now + delay)
    }

    @discardableResult
    func keep(_ new: NewMessage, key: IdempotencyRecord? = nil) throws -> Once<KeepResult> {
        try commits.perform("keep") { session in
            try session.once(key) {
                try session.keep([new]) { _ in
                    StoredAnswer(status: 202, location: nil, body: Array(new.message.id.description.utf8))
                }
            }
        }
    }

    /// The parcel of a message that was kept as `sending`.
    func parcel(_ new: NewMessage, _ kept: Once<KeepResult>) throws -> Parcel {
        guard case .made(.kept(let outcomes, _), _) = kept, let message = outcomes[0].message else {
            throw StoreError.rejected("not kept")
        }
        return Parcel(
            seq: message.seq, envelope: 0, message: new.message, deliveries: new.envelopes[0].deliveries,
            dueAt: new.dueAt, attempts: new.envelopes[0].begun == nil ? 0 : 1)
    }

    func attempt(_ outcome: Outcome) -> Attempt {
        Attempt(
            id: AttemptID(at: SystemTime().wallNow), provider: "sendgrid", startedAt: SystemTime().wallNow,
            duration: .milliseconds(12), result: ExchangeResult(outcome, httpStatus: 202))
    }

    func states(_ id: MessageID) throws -> [DeliveryState] {
        try #require(try reader.message(id, client: nil)).deliveries.map(\.state)
    }

    var imbalance: Int {
        get throws {
            let books = try reader.books()
            return books.running.imbalance(against: books.recounted)
        }
    }
}
