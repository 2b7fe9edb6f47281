import Foundation
import WaypostCore

/// What a service tells systemd of itself: lines `KEY=VALUE` (sd_notify(3)).
enum ServiceNotice: Equatable, Sendable {
    /// It serves, or has applied a configuration anew.
    case ready(status: String)
    /// It reads its configuration anew; `since` is the monotonic clock's microseconds, which systemd 253 and up asks for.
    case reloading(since: Int64)
    /// It ends in order, and needs no longer than that.
    case stopping(within: Duration, status: String)
    /// None of its threads is stuck.
    case alive
    /// One is: nothing that counts as a sign of life.
    case stuck(String)

    /// The datagram.
    var text: String {
        switch self {
        case .ready(let status): "READY=1\nSTATUS=\(Self.line(status))\n"
        case .reloading(let since): "RELOADING=1\nMONOTONIC_USEC=\(since)\nSTATUS=Reading the configuration anew\n"
        case .stopping(let span, let status):
            "STOPPING=1\nEXTEND_TIMEOUT_USEC=\(span.wholeMicroseconds)\nSTATUS=\(Self.line(status))\n"
        case .alive: "WATCHDOG=1\n"
        case .stuck(let what): "STATUS=\(Self.line("Stuck: " + what))\n"
        }
    }

    /// What to say at a beat of the watchdog. `stuck` names the thread that does not go round.
    static func beat(stuck: String?) -> ServiceNotice { stuck.map(ServiceNotice.stuck) ?? .alive }

    /// How often to say so: half of what systemd waits for it; nil where it does not wait for this process.
    static func beatInterval(environment: [String: String], process: Int32) -> Duration? {
        guard let span = environment["WATCHDOG_USEC"].flatMap({ Int64($0) }), span > 1 else { return nil }
        if let owner = environment["WATCHDOG_PID"], Int32(owner) != process { return nil }
        return .microseconds(span / 2)
    }

    /// A newline would begin another statement.
    private static func line(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 })
    }
}

extension Duration {
    fileprivate var wholeMicroseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
