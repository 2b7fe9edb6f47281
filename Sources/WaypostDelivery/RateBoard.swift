import Synchronization
import WaypostCore
import WaypostStore

/// The delivery rates as they were a moment ago, for many askers: the store is asked at most once a second.
package final class RateBoard: Sendable {
    private struct State {
        var rates: [DeliveryRate] = []
        var takenAt: Instant?
        var windows: [Window] = []
    }

    /// A stretch of time that ends now.
    package struct Window: Equatable, Sendable {
        package var label: String
        package var length: Duration
        package init(label: String, length: Duration) {
            self.label = label
            self.length = length
        }
    }

    private let state = Mutex(State())
    private let reader: MessageReader
    private let time: any TimeSource
    private let windows: @Sendable () -> [Window]
    /// How old the rates may be.
    static let patience: Duration = .seconds(1)

    /// `windows` is asked each time: a reload may change them.
    package init(_ reader: MessageReader, time: any TimeSource, windows: @escaping @Sendable () -> [Window]) {
        self.reader = reader
        self.time = time
        self.windows = windows
    }

    /// What was last read, without looking.
    package var latest: [DeliveryRate] { state.withLock { $0.rates } }

    /// The rates, at most a second old. Reads the store otherwise, which blocks.
    package func current() throws -> [DeliveryRate] {
        let now = time.now
        let windows = windows()
        let known: [DeliveryRate]? = state.withLock { state in
            guard let takenAt = state.takenAt, now - takenAt < Self.patience, state.windows == windows else {
                return nil
            }
            return state.rates
        }
        if let known { return known }
        let rates = try reader.deliveryRates(windows.map { ($0.label, $0.length) }, at: time.wallNow)
        state.withLock { $0 = State(rates: rates, takenAt: now, windows: windows) }
        return rates
    }
}
