import Glibc
import Synchronization
import WaypostCore

/// A server of raw bytes on a free port of loopback: a closure and a thread for each connection.
package final class LoopbackListener: Sendable {
    package typealias Service = @Sendable (_ stream: LoopbackStream, _ number: Int) throws -> Void

    /// What the threads share with their owner.
    private final class Shared: Sendable {
        let connections = Mutex<[WorkerThread]>([])
        let accepted = Atomic(0)
        let isStopped = Atomic(false)
    }

    package let port: Int
    private let descriptor: Int32
    private let shared: Shared
    private let thread: Mutex<WorkerThread?>

    /// - Parameter serve: is handed each connection and its number, from 1; the connection closes when it returns.
    package init(host: String = "127.0.0.1", serve: @escaping Service) throws {
        let address = try LoopbackAddress(host: host, port: 0)
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard address.with({ bind(descriptor, $0, $1) }) == 0, listen(descriptor, 1024) == 0 else {
            Glibc.close(descriptor)
            throw LoopbackStream.Failure(description: "cannot listen on \(host)")
        }
        let shared = Shared()
        self.descriptor = descriptor
        self.shared = shared
        port = LoopbackAddress(boundTo: descriptor).port
        thread = Mutex(WorkerThread(name: "listener") { Self.run(descriptor, shared, serve) })
    }

    deinit { stop() }

    /// Connections so far.
    package var accepted: Int { shared.accepted.load(ordering: .relaxed) }

    /// Refuses newcomers, calls off the reads of those that are there and waits until their closures have returned.
    package func stop() {
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let running else { return }
        shared.isStopped.store(true, ordering: .relaxed)
        shutdown(descriptor, Int32(SHUT_RDWR))
        running.join()
        Glibc.close(descriptor)
        shared.connections.withLock { $0 }.forEach { $0.join() }
    }

    private static func run(_ descriptor: Int32, _ shared: Shared, _ serve: @escaping Service) {
        while true {
            let connection = accept(descriptor, nil, nil)
            if connection < 0 { return }
            let number = shared.accepted.add(1, ordering: .relaxed).newValue
            let thread = WorkerThread(name: "connection \(number)", stackSize: 256 * 1024) {
                let stream = LoopbackStream(connection)
                stream.isCalledOff = { shared.isStopped.load(ordering: .relaxed) }
                // A client that goes away early is what many tests are about.
                try? serve(stream, number)
            }
            shared.connections.withLock { $0.append(thread) }
        }
    }
}
