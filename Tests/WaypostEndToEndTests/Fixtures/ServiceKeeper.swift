import Foundation

/// Plays systemd: hears what a service tells of itself, and opens the socket it is to listen on.
final class ServiceKeeper {
    /// As `NOTIFY_SOCKET` names it.
    let address: String
    /// A socket that listens, and where.
    let listener: Int32
    let port: Int
    private let ear: Int32
    private var heard: [String] = []

    init(isAbstract: Bool, in folder: Folder) throws {
        address = isAbstract ? "@waypost-test-\(getpid())-\(UUID().uuidString)" : folder.file("notify")
        ear = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(address.utf8)
        if isAbstract { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
        let size = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let ear = ear
        let isBound = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(ear, $0, size) == 0 }
        }
        var patience = timeval(tv_sec: 0, tv_usec: 5_000)
        setsockopt(ear, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))

        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var placeSize = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let doesListen = withUnsafeMutablePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, placeSize) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, $0, &placeSize) == 0
            }
        }
        port = Int(UInt16(bigEndian: place.sin_port))
        guard isBound, doesListen else { throw Wire.Broken(description: "no sockets to keep a service by") }
    }

    deinit {
        close(ear)
        close(listener)
    }

    /// `waypost serve` on the folder's configuration, with what systemd would put into its environment.
    func start(in folder: Folder, watchdog: Duration, name: String) throws -> Child {
        // The variables hold the process's own id, which only it knows before it becomes the program.
        let script = """
            export LISTEN_PID=$$ WATCHDOG_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=listen
            export NOTIFY_SOCKET='\(address)' WATCHDOG_USEC=\(watchdog.components.seconds * 1_000_000)
            exec "$0" serve --config "$1"
            """
        return try Child(
            "/bin/sh", ["-c", script, Child.program("waypost"), folder.file("waypost.yaml")], in: folder, name: name,
            passing: [listener])
    }

    /// Whether a datagram with this line has come since `forget`; takes in what waits.
    func hasHeard(_ line: String) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = recv(ear, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            heard.append(String(decoding: buffer.prefix(count), as: UTF8.self))
        }
        return heard.contains { $0.split(separator: "\n").contains { $0.hasPrefix(line) } }
    }

    func forget() { heard = [] }

    /// The datagrams in order, for a test's complaint.
    var all: [String] { heard }
}
