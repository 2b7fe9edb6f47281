import WaypostCore
import WaypostCrypto
import WaypostProviders

/// Looks at a host step by step: name, connection, handshake, first answer. Blocks for some seconds at most, beside what the
/// system takes for a name.
package struct HostProbe: Sendable {
    private let time: any TimeSource
    /// Of each step, in milliseconds.
    private let patience: Int32

    package init(time: any TimeSource, patience: Int32 = 3000) {
        self.time = time
        self.patience = patience
    }

    package func look(at target: HostTarget) -> HostFacts {
        var facts = HostFacts(target: target)
        do throws(ProbeFailure) { try look(at: target, &facts) } catch { facts.failure = error }
        return facts
    }

    private func look(at target: HostTarget, _ facts: inout HostFacts) throws(ProbeFailure) {
        let asked = time.now
        let addresses = try ProbeSocket.addresses(of: target.host, port: target.port)
        facts.resolveTime = time.now - asked
        facts.addresses = addresses.prefix(8).map(\.text)
        let begun = time.now
        let socket = try connect(to: addresses)
        defer { extendLifetime(socket) }  // the session below knows its descriptor alone
        facts.connectTime = time.now - begun
        switch target.manner {
        case .http:
            try ask(Self.question(target.host), { socket.write($0) }, { socket.read(atMost: $0) }, &facts)
        case .https(let offering):
            let session = try greet(socket.descriptor, target, offering, &facts)
            let isNewer = facts.tls?.application == "h2"
            let question = isNewer ? Self.preface : Self.question(target.host)
            try ask(question, session.write, session.read, &facts)
        case .mail(.implicitTLS):
            let session = try greet(socket.descriptor, target, [], &facts)
            try ask([], session.write, session.read, &facts)
        case .mail(let security):
            try ask([], { socket.write($0) }, { socket.read(atMost: $0) }, &facts)
            guard security == .startTLS else { return }
            for (command, expected) in [("EHLO waypost.invalid\r\n", "250"), ("STARTTLS\r\n", "220")] {
                guard socket.write(Array(command.utf8)),
                    String(decoding: socket.read(atMost: 4096), as: UTF8.self).hasPrefix(expected)
                else { throw ProbeFailure(.handshake, "the server does not begin TLS") }
            }
            _ = try greet(socket.descriptor, target, [], &facts)
        }
    }

    /// The first that answers, of the first few.
    private func connect(to addresses: [ProbeSocket.Address]) throws(ProbeFailure) -> ProbeSocket {
        var failure = ProbeFailure(.connect, "the name has no address")
        for address in addresses.prefix(2) {
            do throws(ProbeFailure) { return try ProbeSocket(to: address, patience: patience) } catch {
                failure = error
            }
        }
        throw failure
    }

    private func greet(
        _ descriptor: Int32, _ target: HostTarget, _ offering: [String], _ facts: inout HostFacts
    ) throws(ProbeFailure) -> TLSProbe {
        let begun = time.now
        do {
            let session = try TLSProbe(
                onto: descriptor, host: target.host, authorities: target.authorities, offering: offering)
            facts.handshakeTime = time.now - begun
            facts.tls = session.facts
            return session
        } catch {
            throw ProbeFailure(.handshake, error.detail)
        }
    }

    /// Reads on to the end, 64 KiB or half a second, whichever comes first.
    private func ask(
        _ question: [UInt8], _ write: ([UInt8]) -> Bool, _ read: (Int) -> [UInt8], _ facts: inout HostFacts
    ) throws(ProbeFailure) {
        let begun = time.now
        guard question.isEmpty || write(question) else { throw ProbeFailure(.answer, "the connection was closed") }
        var answer = read(16_384)
        let first = time.now
        guard !answer.isEmpty else { throw ProbeFailure(.answer, "it did not answer in time, or hung up") }
        facts.firstByteTime = first - begun
        guard question.first == UInt8(ascii: "G") else { return }
        let wall = time.wallNow
        while answer.count < 65_536, time.now - first < .milliseconds(500), case let more = read(16_384), !more.isEmpty
        {
            answer += more
        }
        let took = (time.now - begun).seconds
        if answer.count >= 1024, took > 0 { facts.throughput = Double(answer.count) / took }
        facts.clockLead = Self.date(in: answer).map { wall - $0 }
    }

    /// The end of the connection ends the answer.
    private static func question(_ host: String) -> [UInt8] {
        let name = host.contains(":") ? "[\(host)]" : host
        return Array("GET / HTTP/1.1\r\nHost: \(name)\r\nAccept: */*\r\nConnection: close\r\n\r\n".utf8)
    }

    /// HTTP/2's preface and empty settings (RFC 9113 section 3.4); the answer is the server's settings.
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]

    /// An answer's `Date` (RFC 9110 section 6.6.1), which is given to the second: the middle of it is meant.
    static func date(in answer: [UInt8]) -> Timestamp? {
        let head = String(decoding: answer.prefix(16_384), as: UTF8.self)
        for line in head.split(separator: "\r\n", omittingEmptySubsequences: false).dropFirst() {
            if line.isEmpty { return nil }
            guard line.lowercased().hasPrefix("date:") else { continue }
            let text = String(line.dropFirst(5).drop { $0 == " " })
            return HTTPDate.parse(text).map { $0 + .milliseconds(500) }
        }
        return nil
    }
}
