import Foundation
import WaypostJSON
import WaypostSandbox

/// A program of this package as a child process. Confined to one thread.
final class Child {
    /// What a program said and how it ended.
    struct End {
        /// As a shell has it: 128 and the signal's number where a signal ended it.
        var status: Int32
        var output: String
        var complaints: String
    }

    let pid: pid_t
    private let output: String
    private let complaints: String
    private var status: Int32?

    /// `name` is the folder's name for what it writes; `passing` are sockets that become descriptors 3, 4, ….
    init(
        _ program: String, _ arguments: [String], in folder: Folder, name: String, passing sockets: [Int32] = []
    ) throws {
        output = folder.file(name + ".out")
        complaints = folder.file(name + ".err")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, complaints, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        // Far above, so that none lies where another is to go.
        let passed = sockets.map { fcntl($0, F_DUPFD_CLOEXEC, 500) }
        defer { for descriptor in passed { close(descriptor) } }
        // None of this process's sockets: a listener that lives on in a child is not shut.
        for file in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap({ Int32($0) })
        where file > 2 && !passed.contains(file) {
            posix_spawn_file_actions_addclose(&actions, file)
        }
        for (offset, descriptor) in passed.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, 3 + Int32(offset))
        }
        let words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, program, &actions, nil, words, environ)
        guard result == 0 else { throw Wire.Broken(description: "\(program): \(String(cString: strerror(result)))") }
        self.pid = pid
    }

    deinit {
        guard status == nil else { return }
        kill(pid, SIGKILL)
        reap(0)
    }

    /// Where the package's programs were built: beside the one that runs.
    static func program(_ name: String) -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let own = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        return (own as NSString).deletingLastPathComponent + "/" + name
    }

    /// Runs to its end.
    static func run(_ program: String, _ arguments: [String], in folder: Folder, name: String) throws -> End {
        let child = try Child(program, arguments, in: folder, name: name)
        return child.end()
    }

    func signal(_ number: Int32) { kill(pid, number) }

    var said: String { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }
    var complained: String { (try? String(contentsOfFile: complaints, encoding: .utf8)) ?? "" }

    /// Whether it runs.
    var isRunning: Bool {
        if status == nil { reap(WNOHANG) }
        return status == nil
    }

    /// Waits for its end; what does not end within a minute is killed.
    @discardableResult
    func end() -> End {
        let limit = ContinuousClock.now + .seconds(60)
        while isRunning, ContinuousClock.now < limit { usleep(2_000) }
        if isRunning { signal(SIGKILL) }
        if status == nil { reap(0) }
        return End(status: status ?? -1, output: said, complaints: complained)
    }

    private func reap(_ options: Int32) {
        var word: Int32 = 0
        guard waitpid(pid, &word, options) == pid else { return }
        status = word & 0x7F == 0 ? (word >> 8) & 0xFF : 128 + (word & 0x7F)
    }
}

/// `waypost serve` as a child process, before a sandbox in this one.
final class Daemon {
    let child: Child
    /// Where it listens.
    let port: Int
    let wire: Wire

    /// Starts it on the folder's `waypost.yaml` and waits until it serves; throws with what it said where it does not.
    init(in folder: Folder, name: String = "serve") throws {
        let child = try Child(
            Child.program("waypost"), ["serve", "--config", folder.file("waypost.yaml")], in: folder, name: name)
        self.child = child
        let end = ContinuousClock.now + .seconds(30)
        while true {
            if let port = Self.port(in: child.complained) {
                self.port = port
                wire = Wire(port: port)
                return
            }
            guard child.isRunning, ContinuousClock.now < end else {
                throw Wire.Broken(description: "waypost does not serve: \(child.complained)")
            }
            usleep(2_000)
        }
    }

    /// The first line that says "listening".
    static func port(in log: String) -> Int? {
        for line in log.split(separator: "\n") where line.contains(#""message":"listening""#) {
            guard let json = try? JSONValue(parsing: Array(line.utf8)), let address = json["address"]?.string,
                let colon = address.lastIndex(of: ":")
            else { continue }
            return Int(address[address.index(after: colon)...])
        }
        return nil
    }

    /// `kill -9`; returns once it is gone.
    func crash() {
        wire.hangUp()
        child.signal(SIGKILL)
        child.end()
    }

    static func fsck(_ folder: Folder) throws -> Child.End {
        try Child.run(
            Child.program("waypost"), ["fsck", "--config", folder.file("waypost.yaml")], in: folder, name: "fsck")
    }
}

extension Folder {
    /// Writes `waypost.yaml`, and what it names.
    func configure(_ setup: Setup, for sandbox: Sandbox) throws {
        try sandbox.writeAuthority(to: file("ca.pem"))
        try sandbox.writePushKeys(to: PushFiles(beside: file("ca.pem")))
        try write(setup.text(for: sandbox, authority: file("ca.pem")), to: "waypost.yaml")
    }
}
