import Foundation
import Synchronization
import WaypostCore

/// systemd, which started this process and wants to be told how it is.
package final class ServiceManager: Sendable {
    /// What it says by the environment; removed from it once read, as children have no business with it.
    package static let variables = [
        "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES",
    ]
    /// What closing everything may take after the drain.
    private static let closing: Duration = .seconds(30)

    private let socket: NotifySocket
    /// Between two signs of life; nil: none are wanted.
    private let interval: Duration?
    private let isOver = Monitor(false)
    private let thread = Mutex<WorkerThread?>(nil)

    /// nil where nobody wants to be told. `process` is our own id.
    package init?(environment: [String: String], process: Int32) {
        guard let socket = environment["NOTIFY_SOCKET"].flatMap(NotifySocket.init) else { return nil }
        self.socket = socket
        interval = ServiceNotice.beatInterval(environment: environment, process: process)
    }

    deinit { end() }

    /// To be said once it listens. From now on signs of life are given as long as `stuck` names no thread.
    func serves(_ status: String, stuck: @escaping @Sendable () -> String?) {
        tell(.ready(status: status))
        guard let interval else { return }
        let (socket, isOver) = (socket, isOver)
        thread.withLock {
            $0 = WorkerThread(name: "watchdog") {
                repeat {
                    socket.send(ServiceNotice.beat(stuck: stuck()).text)
                } while isOver.wait(atMost: interval) { $0 ? true : nil } == nil
            }
        }
    }

    func reloads() {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        tell(.reloading(since: Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000))
    }

    func hasReloaded(_ status: String) { tell(.ready(status: status)) }

    /// `span`: how long it goes on at most before everything is closed.
    func drains(within span: Duration) {
        tell(.stopping(within: span + Self.closing, status: "Finishing what is in flight"))
    }

    /// No more signs of life.
    func end() {
        isOver.change { $0 = true }
        thread.join()
    }

    private func tell(_ notice: ServiceNotice) { socket.send(notice.text) }
}
