import Synchronization
import WaypostHTTP

/// A transport whose other side is a closure. It answers on the caller's thread, at once, or when the test says so.
package final class ScriptedTransport: Transport {
    package typealias Answer = Result<TransportReply, TransportError>

    /// What was asked to be sent.
    package struct Exchange: Equatable, Sendable {
        package var request: TransportRequest
        package var pool: String
        package var settings: TransferSettings
    }

    private struct State {
        var exchanges: [Exchange] = []
        /// Of exchanges that wait for `settle`, by their place in `exchanges`.
        var waiting: [Int: @Sendable (Answer) -> Void] = [:]
    }

    private let state = Mutex(State())
    private let script: @Sendable (Exchange) -> Answer?

    /// `script` answers each exchange; where it returns nil, the exchange stays under way until `settle`.
    package init(_ script: @escaping @Sendable (Exchange) -> Answer?) { self.script = script }

    /// The same answer for everybody.
    package convenience init(answering answer: Answer) { self.init { _ in answer } }

    package func send(
        _ request: TransportRequest, pool: String, settings: TransferSettings,
        completion: @escaping @Sendable (Answer) -> Void
    ) {
        let exchange = Exchange(request: request, pool: pool, settings: settings)
        let answer = script(exchange)
        state.withLock { state in
            state.exchanges.append(exchange)
            if answer == nil { state.waiting[state.exchanges.count - 1] = completion }
        }
        if let answer { completion(answer) }
    }

    /// All that was sent so far, in order.
    package var exchanges: [Exchange] { state.withLock { $0.exchanges } }

    /// The places in `exchanges` of those that are still under way.
    package var underWay: [Int] { state.withLock { $0.waiting.keys.sorted() } }

    /// Ends an exchange that is under way; does nothing for any other.
    package func settle(_ place: Int, with answer: Answer) {
        let completion = state.withLock { $0.waiting.removeValue(forKey: place) }
        completion?(answer)
    }
}
