import Glibc
import WaypostCore

/// A DNS server on a free UDP port of loopback: text records by name, and NXDOMAIN or silence for others.
final class NameServer: Sendable {
    enum Reply: Sendable {
        case texts([String])
        /// The name is there, without a text record.
        case empty
        case silence
    }
    let port: UInt16
    private let descriptor: Int32
    private let thread: WorkerThread

    init(_ replies: [String: Reply]) {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(descriptor, $0, size)
                _ = getsockname(descriptor, $0, &size)
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        self.descriptor = descriptor
        thread = WorkerThread(name: "dns") { Self.serve(descriptor, replies) }
    }

    /// An empty datagram of our own ends it.
    deinit {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = getsockname(descriptor, $0, &size)
                _ = sendto(descriptor, nil, 0, 0, $0, size)
            }
        }
        thread.join()
        close(descriptor)
    }

    private static func serve(_ descriptor: Int32, _ replies: [String: Reply]) {
        while true {
            var buffer = [UInt8](repeating: 0, count: 1500)
            var peer = sockaddr_in()
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let count = withUnsafeMutablePointer(to: &peer) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(descriptor, &buffer, 1500, 0, $0, &size)
                }
            }
            guard count > 12 else { return }
            guard let answer = answer(Array(buffer.prefix(count)), replies) else { continue }
            withUnsafePointer(to: peer) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = sendto(descriptor, answer, answer.count, 0, $0, size)
                }
            }
        }
    }

    private static func answer(_ question: [UInt8], _ replies: [String: Reply]) -> [UInt8]? {
        var labels: [String] = []
        var place = 12
        while place < question.count, question[place] > 0 {
            let end = min(question.count, place + 1 + Int(question[place]))
            labels.append(String(decoding: question[(place + 1)..<end], as: UTF8.self))
            place = end
        }
        let asked = Array(question[12..<min(question.count, place + 5)])
        var texts: [String] = []
        var code: UInt8 = 0
        switch replies[labels.joined(separator: ".").lowercased()] {
        case .texts(let found)?: texts = found
        case .empty?: break
        case .silence?: return nil
        case nil: code = 3
        }
        let head = [question[0], question[1], 0x81, 0x80 | code, 0, 1, 0, UInt8(texts.count), 0, 0, 0, 0]
        return head + asked
            + texts.flatMap { text in
                [0xC0, 0x0C, 0, 16, 0, 1, 0, 0, 0, 60, 0, UInt8(text.utf8.count + 1), UInt8(text.utf8.count)]
                    + text.utf8
            }
    }
}
