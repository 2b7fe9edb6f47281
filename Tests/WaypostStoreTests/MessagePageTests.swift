import Testing
import WaypostCore

@testable import WaypostStore

@Suite struct MessagePageTests {
    let store: StoreFixture

    init() throws { store = try StoreFixture() }

    private var reader: MessageReader {
        MessageReader(store.file, addresses: store.addresses) { try? Message(decoding: $0) }
    }

    /// Twelve messages; every third carries the tag.
    private func fill() throws -> [MessageID] {
        try (0..<12).map { number in
            var new = store.message(begun: nil)
            if number.isMultiple(of: 3) { new.message.tags = ["third"] }
            new.encoded = [0] + new.message.encoded()
            try store.keep(new)
            return new.message.id
        }
    }

    private func walk(_ filter: MessageFilter, limit: Int, patience: Duration) throws -> (ids: [MessageID], pages: Int)
    {
        var ids: [MessageID] = []
        var after: Int64?
        var pages = 0
        repeat {
            let page = try reader.messagePage(filter, after: after, limit: limit, patience: patience)
            #expect(page.records.count <= limit)
            ids += page.records.map(\.message.id)
            after = page.next
            pages += 1
        } while after != nil && pages < 100
        return (ids, pages)
    }

    @Test(arguments: [Duration.seconds(60), .zero], [1, 2, 3, 50])
    func `pages follow each other without a gap, however little time each has`(patience: Duration, limit: Int) throws {
        let ids = try fill()
        #expect(try walk(MessageFilter(), limit: limit, patience: patience).ids == ids.reversed())
        var tagged = MessageFilter()
        tagged.tag = "third"
        let thirds = ids.enumerated().filter { $0.offset.isMultiple(of: 3) }.map(\.element)
        #expect(try walk(tagged, limit: limit, patience: patience).ids == thirds.reversed())
        var addressed = MessageFilter()
        addressed.to = "User0@example.com"
        #expect(try walk(addressed, limit: limit, patience: patience).ids == ids.reversed())
        addressed.to = "nobody@example.com"
        #expect(try walk(addressed, limit: limit, patience: patience) == ([], 1))
    }

    @Test func `a full last page says that nothing follows`() throws {
        _ = try fill()
        #expect(try walk(MessageFilter(), limit: 12, patience: .seconds(60)).pages == 1)
        #expect(try walk(MessageFilter(), limit: 6, patience: .seconds(60)).pages == 2)
    }

    @Test func `a client's page of the feed goes on where it looked, not where it found`() throws {
        let ids = try fill()
        let page = try reader.eventPage(after: 0, client: "other", limit: 5)
        #expect(page.events.isEmpty)
        #expect(page.next == Int64(try store.number("SELECT coalesce(max(seq), 0) FROM event")))
        #expect(ids.count == 12)
    }
}
