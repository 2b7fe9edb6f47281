import Glibc
import Synchronization
import WaypostCore
import WaypostJSON

/// A client as it should be: several connections, an idempotency key for each message, and the same request again after a
/// broken connection, until it is answered with 202.
final class Shop: Sendable {
    /// One message that was answered with 202.
    struct Order: Sendable {
        var id: String
        var policy: String
    }

    /// What the client saw.
    struct Account: Sendable {
        var orders: [Order] = []
        /// Requests whose connection broke before the answer: the store had them already, or had nothing of them.
        var keptUnanswered = 0
        var lostUnanswered = 0
        /// Answers other than 202; there should be none but 503 while a router starts or ends.
        var others: [String] = []
    }

    private struct Desk {
        var account = Account()
        var next = 0
        /// Messages to send in all.
        var limit = 0
        var isClosing = false
    }

    private let desk = Monitor(Desk())
    private let port = Mutex<Int?>(nil)
    private let threads: Mutex<[Background<Void>]> = Mutex([])
    private let content: @Sendable (Int) -> String

    /// `body` is asked for the message of each number; even ones hold, odd ones resend where nobody knows.
    init(connections: Int, body: @escaping @Sendable (_ number: Int, _ policy: String) -> String) {
        content = { body($0, Self.policy($0)) }
        threads.withLock { threads in
            threads = (0..<connections).map { _ in Background { [self] in work() } }
        }
    }

    private static func policy(_ number: Int) -> String { number % 2 == 0 ? "hold" : "resend" }

    var account: Account { desk.withLock { $0.account } }

    /// Where the router listens now; nil: nowhere.
    func goes(to port: Int?) { self.port.withLock { $0 = port } }

    /// So many more messages.
    func order(_ count: Int) { desk.change { $0.limit += count } }

    /// Whether everything ordered was answered.
    var isServed: Bool { desk.withLock { $0.account.orders.count == $0.limit } }

    /// Ends the threads; what is under way is waited for.
    func close() throws {
        desk.change { $0.isClosing = true }
        for thread in threads.withLock({ $0 }) { try thread.value() }
    }

    private func work() {
        var wire: (port: Int, wire: Wire)?
        while let number = take() {
            var hasBroken = false
            while !desk.withLock({ $0.isClosing }) {
                guard let port = port.withLock({ $0 }) else {
                    usleep(2_000)
                    continue
                }
                if wire?.port != port { wire = (port, Wire(port: port)) }
                guard let wire = wire?.wire else { continue }
                do {
                    let reply = try wire.post("/v1/messages", content(number), ["Idempotency-Key": "order-\(number)"])
                    if reply.status == 202, let id = reply["id"]?.string {
                        note(Order(id: id, policy: Self.policy(number)), reply, hasBroken: hasBroken)
                        break
                    }
                    desk.change { $0.account.others.append("\(reply)") }
                } catch {
                    if (error as? Wire.Broken)?.hasLeft == true { hasBroken = true }
                }
                usleep(2_000)
            }
        }
    }

    private func note(_ order: Order, _ reply: Reply, hasBroken: Bool) {
        desk.change { desk in
            desk.account.orders.append(order)
            guard hasBroken else { return }
            if reply.headers["idempotent-replayed"] == "true" {
                desk.account.keptUnanswered += 1
            } else {
                desk.account.lostUnanswered += 1
            }
        }
    }

    private func take() -> Int? {
        while true {
            let taken: Int?? = desk.wait(atMost: .milliseconds(50)) { desk in
                if desk.isClosing { return .some(nil) }
                guard desk.next < desk.limit else { return nil }
                defer { desk.next += 1 }
                return desk.next
            }
            if let taken { return taken }
        }
    }
}
