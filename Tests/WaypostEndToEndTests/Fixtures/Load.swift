import Synchronization
import WaypostCore

/// Something that runs on a thread of its own until it is waited for; the tests' own threads may block.
final class Background<Value: Sendable>: Sendable {
    private let result: Monitor<Result<Value, any Error>?>
    private let thread: WorkerThread

    init(_ body: @escaping @Sendable () throws -> Value) {
        let result = Monitor<Result<Value, any Error>?>(nil)
        self.result = result
        thread = WorkerThread(name: "test") {
            let value = Result { try body() }
            result.change { $0 = value }
        }
    }

    /// Whether it has come to its end.
    var isOver: Bool { result.withLock { $0 != nil } }

    /// Waits for its end.
    func value() throws -> Value {
        guard let result = result.wait(atMost: nil, { $0 }) else { throw Wire.Broken(description: "no result") }
        thread.join()
        return try result.get()
    }
}

/// Several threads that ask at once.
enum Load {
    /// Runs `body` on so many threads and waits for all; the first error is thrown.
    static func together<Value: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (Int) throws -> Value
    ) throws -> [Value] {
        let threads = (0..<count).map { index in Background { try body(index) } }
        return try threads.map { thread in Result { try thread.value() } }.map { try $0.get() }
    }
}
