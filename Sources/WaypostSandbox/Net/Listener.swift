import Glibc
import Synchronization

/// Why no port could be had: the address, and what the system said.
package struct ListenFailure: Error, CustomStringConvertible, Sendable {
    package var address: String
    package var reason: String
    package var description: String { "cannot listen on \(address): \(reason)" }
}

/// A listening port that can be shut and opened again: while it is shut, the kernel refuses connections, yet the number
/// stays ours. Every connection is served by a thread of its own.
final class Listener: Sendable {
    private struct State {
        var listening: Int32?
        var connections: [Int: Socket] = [:]
        var isStopped = false
    }

    /// Further clients are reset at once.
    static let maximumConnections = 1_024

    let port: Int
    private let address: Address
    private let reservation: Int32
    private let numbers: Numbers
    private let workers = Workers()
    private let serve: @Sendable (Socket) -> Void
    private let state = Mutex(State())

    /// Binds the port (0 picks one) and opens it. `host` is an IP address in text.
    init(host: String, port: Int, numbers: Numbers, serve: @escaping @Sendable (Socket) -> Void) throws(ListenFailure) {
        // Bound for as long as the listener lives, and never listening: nobody else gets the number while it is shut.
        var address = try Address(host: host, port: port)
        reservation = try address.bound()
        do throws(ListenFailure) {
            self.port = try address.readPort(of: reservation)
        } catch {
            close(reservation)
            throw error
        }
        self.address = address
        self.numbers = numbers
        self.serve = serve
        do throws(ListenFailure) {
            try open()
        } catch {
            close(reservation)
            throw error
        }
    }

    /// Takes connections (again). Nothing happens when it is open already or stopped.
    func open() throws(ListenFailure) {
        let failure: ListenFailure? = state.withLock { state in
            guard state.listening == nil, !state.isStopped else { return nil }
            do throws(ListenFailure) {
                let descriptor = try address.bound()
                guard listen(descriptor, 1_024) == 0, workers.start({ [self] in accept(on: descriptor) }) else {
                    let failure = address.failure()
                    close(descriptor)
                    return failure
                }
                state.listening = descriptor
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// From when this returns on, connections are refused; those that exist are reset.
    func shut() {
        let connections: [Socket] = state.withLock { state in
            guard let descriptor = state.listening else { return [] }
            state.listening = nil
            // The kernel stops listening here; the accepting thread finds out, and closes the descriptor.
            shutdown(descriptor, Int32(SHUT_RDWR))
            return Array(state.connections.values)
        }
        for connection in connections { connection.drop() }
    }

    /// Shuts for good and waits for the threads; false when one was still busy after five seconds.
    func stop() -> Bool {
        let wasStopped = state.withLock { state in
            defer { state.isStopped = true }
            return state.isStopped
        }
        shut()
        let isQuiet = workers.wait(atMost: 5)
        if !wasStopped { close(reservation) }
        return isQuiet
    }

    private func accept(on listening: Int32) {
        defer { close(listening) }
        while true {
            let descriptor = Glibc.accept(listening, nil, nil)
            guard descriptor >= 0 else {
                switch errno {
                case EINVAL, EBADF: return  // shut
                case EMFILE, ENFILE, ENOBUFS, ENOMEM: usleep(10_000)  // full: the clients wait in the backlog
                default: break
                }
                continue
            }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            begin(Socket(descriptor, number: numbers.next()), acceptedOn: listening)
        }
    }

    private func begin(_ socket: Socket, acceptedOn listening: Int32) {
        let isWelcome = state.withLock { state in
            guard state.listening == listening, state.connections.count < Self.maximumConnections else { return false }
            state.connections[socket.number] = socket
            return true
        }
        guard isWelcome else { return socket.reset() }
        let hasThread = workers.start { [self] in
            serve(socket)
            socket.close()
            forget(socket)
        }
        if !hasThread {
            socket.reset()
            forget(socket)
        }
    }

    private func forget(_ socket: Socket) {
        state.withLock { state in _ = state.connections.removeValue(forKey: socket.number) }
    }
}

/// Hands out 1, 2, 3 … to all who share it.
final class Numbers: Sendable {
    private let last = Atomic(0)
    func next() -> Int { last.add(1, ordering: .relaxed).newValue }
}
