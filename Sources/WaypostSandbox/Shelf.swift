import WaypostJSON

/// What a stand-in made of the messages it took, for later look-ups: the last 10,000, the oldest give way.
final class Shelf: Sendable {
    private struct Item {
        let id: String
        let kind: String
        let wall: Int64
        let resource: JSONValue
    }

    private struct Contents {
        var items: [Item] = []
        /// Where in `items` the next one goes.
        var next = 0
        var places: [String: Int] = [:]
    }

    private let capacity: Int
    private let contents = SleepingLock(Contents())

    init(capacity: Int = 10_000) { self.capacity = max(1, capacity) }

    /// `kind` tells apart what is listed apart; `wall` in milliseconds since 1970.
    func put(_ resource: JSONValue, as id: String, kind: String, at wall: Int64) {
        let item = Item(id: id, kind: kind, wall: wall, resource: resource)
        let capacity = capacity
        contents.withLock { contents in
            let place = contents.next
            if place < contents.items.count {
                contents.places[contents.items[place].id] = nil
                contents.items[place] = item
            } else {
                contents.items.append(item)
            }
            contents.places[id] = place
            contents.next = (place + 1) % capacity
        }
    }

    func resource(_ id: String, kind: String) -> JSONValue? {
        contents.withLock { contents in
            guard let place = contents.places[id], contents.items[place].kind == kind else { return nil }
            return contents.items[place].resource
        }
    }

    /// Those of a kind that match, newest first. The filter is asked with the time of each.
    func resources(kind: String, where matches: (JSONValue, Int64) -> Bool) -> [JSONValue] {
        contents.withLock { contents in
            let ordered = contents.items[contents.next...] + contents.items[..<contents.next]
            return ordered.reversed().filter { $0.kind == kind && matches($0.resource, $0.wall) }.map(\.resource)
        }
    }
}
