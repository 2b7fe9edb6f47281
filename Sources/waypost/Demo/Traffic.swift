import Foundation
import Synchronization
import WaypostCore
import WaypostCurl
import WaypostHTTP

/// A client application: posts messages to the router at a steady rate, each to a recipient of its own.
final class Traffic: Sendable {
    struct Counts {
        var accepted = 0
        /// Answered with an error, or not at all: the router promised nothing.
        var refused = 0
        var underWay = 0
    }

    private static let maxUnderWay = 2000
    private let state = Mutex(Counts())
    private let isStopping = Monitor(false)
    private let transport = CurlTransport()
    private let thread = Mutex<WorkerThread?>(nil)

    /// Begins at once.
    init(to url: String, rate: Int) {
        thread.withLock { $0 = WorkerThread(name: "traffic") { [self] in run(url + "/v1/messages", rate) } }
    }

    var counts: Counts { state.withLock { $0 } }

    /// Returns when the last answer has come.
    func stop() {
        isStopping.change { $0 = true }
        thread.join()
        let deadline = ContinuousClock.now + .seconds(15)
        while counts.underWay > 0, ContinuousClock.now < deadline { usleep(10_000) }
        transport.stop()
    }

    private func run(_ url: String, _ rate: Int) {
        let started = ContinuousClock.now
        var posted = 0
        repeat {
            let due = Int((ContinuousClock.now - started).seconds * Double(rate))
            while posted < due {
                posted += 1
                if state.withLock({ $0.underWay < Self.maxUnderWay }) { post(posted, to: url) }
            }
        } while isStopping.wait(atMost: .milliseconds(10)) { $0 ? true : nil } == nil
    }

    private func post(_ number: Int, to url: String) {
        let body = """
            {"channel":"email","to":"customer\(number)@example.org","content":{"subject":"Order \(number) shipped",\
            "text":"Your order \(number) is on its way."}}
            """
        state.withLock { $0.underWay += 1 }
        let request = HTTPRequest.post(url, json: Array(body.utf8))
        transport.send(.http(request), pool: "traffic", settings: TransferSettings(maxConnections: 8)) { [self] reply in
            let isAccepted = if case .success(.http(let response)) = reply { response.status == 202 } else { false }
            state.withLock { counts in
                counts.underWay -= 1
                if isAccepted { counts.accepted += 1 } else { counts.refused += 1 }
            }
        }
    }
}
