import Foundation
import Synchronization
import WaypostCore
import WaypostCurl
import WaypostHTTP

/// A client application: posts messages of every channel to the router at a steady rate, each to a recipient of its own.
final class Traffic: Sendable {
    struct Counts {
        var accepted = 0
        /// Answered with an error: the router promised nothing.
        var refused = 0
        /// Not answered, however often it was asked: nobody knows.
        var unanswered = 0
        var underWay = 0
    }

    private static let maxUnderWay = 2000
    private let state = Mutex<[Channel: Counts]>([:])
    private let isStopping = Monitor(false)
    private let transport = CurlTransport()
    private let thread = Mutex<WorkerThread?>(nil)

    /// Begins at once; `rate` is that of all channels together.
    init(to url: String, rate: Int) {
        thread.withLock { $0 = WorkerThread(name: "traffic") { [self] in run(url + "/v1/messages", rate) } }
    }

    var counts: [Channel: Counts] { state.withLock { $0 } }

    /// Returns when the last answer has come.
    func stop() {
        isStopping.change { $0 = true }
        thread.join()
        let deadline = ContinuousClock.now + .seconds(15)
        while underWay > 0, ContinuousClock.now < deadline { usleep(10_000) }
        transport.stop()
    }

    private var underWay: Int { state.withLock { $0.values.reduce(0) { $0 + $1.underWay } } }

    private func run(_ url: String, _ rate: Int) {
        let started = ContinuousClock.now
        var posted: [Channel: Int] = [:]
        repeat {
            let due = (ContinuousClock.now - started).seconds * Double(rate) / Double(DemoCast.shares)
            for cast in DemoCast.all {
                while posted[cast.channel, default: 0] < Int(due * Double(cast.share)) {
                    posted[cast.channel, default: 0] += 1
                    if underWay < Self.maxUnderWay { post(cast, posted[cast.channel, default: 0], to: url) }
                }
            }
        } while isStopping.wait(atMost: .milliseconds(10)) { $0 ? true : nil } == nil
    }

    /// How often a message is posted whose answer does not come.
    private static let tries = 5

    private func post(_ cast: DemoCast, _ number: Int, to url: String) {
        state.withLock { $0[cast.channel, default: .init()].underWay += 1 }
        var request = HTTPRequest.post(url, json: Array(cast.message(number).utf8))
        // As an application should: what was not answered is asked again under the same key, and never sent twice.
        request.headers["Idempotency-Key"] = "\(cast.channel.rawValue)-\(number)"
        send(request, cast.channel, triesLeft: Self.tries - 1)
    }

    private func send(_ request: HTTPRequest, _ channel: Channel, triesLeft: Int) {
        transport.send(.http(request), pool: "traffic", settings: TransferSettings(maxConnections: 8)) { [self] reply in
            let count: WritableKeyPath<Counts, Int>
            switch reply {
            case .success(.http(let response)): count = response.status == 202 ? \.accepted : \.refused
            default:
                if triesLeft > 0 { return send(request, channel, triesLeft: triesLeft - 1) }
                count = \.unanswered
            }
            state.withLock { state in
                state[channel, default: .init()].underWay -= 1
                state[channel, default: .init()][keyPath: count] += 1
            }
        }
    }
}
