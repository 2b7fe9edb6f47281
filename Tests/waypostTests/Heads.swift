import Synchronization

/// What a stand-in for a router read, by all of its threads.
final class Heads: Sendable {
    private let heads = Mutex<[String]>([])

    func add(_ head: String) { heads.withLock { $0.append(head) } }
    var all: [String] { heads.withLock { $0 } }
}
