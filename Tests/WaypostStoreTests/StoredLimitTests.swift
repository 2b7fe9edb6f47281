import Testing
import WaypostCore
import WaypostTesting

@testable import WaypostStore

@Suite struct StoredLimitTests {
    let store: StoreFixture
    init() throws { store = try StoreFixture() }

    private func limited(
        _ limit: Int, to count: Int = 1, type: MessageType = .notification, only: MessageType? = nil
    ) -> NewMessage {
        var new = store.message(to: count, begun: nil)
        new.message.type = type
        new.storedLimit = .init(limit: limit, window: .seconds(3600), type: only)
        return new
    }

    /// When there is room again; nil: it was kept.
    private func keep(_ messages: NewMessage...) throws -> Timestamp? {
        let result = try store.commits.perform("keep") { session in
            try session.keep(messages) { _ in StoredAnswer(status: 202, location: nil, body: []) }.0
        }
        if case .limited(let resumeAt) = result { return resumeAt }
        return nil
    }

    @Test func `a long window is full when so many are in it, and told when one leaves it`() throws {
        let first = limited(2)
        #expect(try keep(first) == nil)
        #expect(try keep(limited(2)) == nil)
        #expect(try keep(limited(2)) == first.message.createdAt + .seconds(3600))
        #expect(try store.reader.books().recounted[.email, .queued].live == 2, "nothing was kept")
        #expect(try keep(limited(3)) == nil)
    }

    @Test func `a message of which one recipient is full is not kept for the others`() throws {
        #expect(try keep(limited(1)) == nil)
        #expect(try keep(limited(1, to: 3)) != nil)
        #expect(try store.reader.books().recounted[.email, .queued].live == 1)
    }

    @Test func `a type's window counts that type alone`() throws {
        #expect(try keep(limited(1, type: .notification)) == nil)
        #expect(try keep(limited(1, type: .marketing, only: .marketing)) == nil)
        #expect(try keep(limited(1, type: .marketing, only: .marketing)) != nil)
    }

    @Test func `messages kept together count for each other`() throws {
        #expect(try keep(limited(2), limited(2), limited(2)) != nil)
        #expect(try store.reader.books().recounted[.email, .queued].live == 0, "whole or not at all")
        #expect(try keep(limited(2), limited(2)) == nil)
    }
}
