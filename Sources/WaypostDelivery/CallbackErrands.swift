import Logging
import Synchronization
import WaypostCore
import WaypostHTTP
import WaypostProviders

/// What has to be fetched before a callback can be proved or answered: certificates that sign it, and subscriptions that
/// are confirmed by a request. Anybody can call back, so both are bounded.
package final class CallbackErrands: Sendable {
    private struct Shelf {
        /// By URL: PEM, or since when it could not be had.
        var kept: [String: Kept] = [:]
        var underWay: [String: [@Sendable (Bool) -> Void]] = [:]
    }

    private enum Kept {
        case certificate([UInt8])
        case missing(since: Instant)
    }

    private let transport: any Transport
    private let time: any TimeSource
    private let log: Logger
    private let shelf = Mutex(Shelf())
    /// Certificates kept, good or missing; a maker has a few.
    private static let capacity = 64
    /// Fetches at once, and callbacks that wait for one.
    private static let atOnce = 4
    private static let waiting = 256
    /// How long one that could not be had is not asked for again.
    private static let patience = Duration.seconds(10)
    /// The caller is given 15 seconds (SNS), and we have an answer to give.
    private static let timeout = Duration.seconds(5)

    package init(transport: any Transport, time: any TimeSource, log: Logger) {
        self.transport = transport
        self.time = time
        self.log = log
    }

    /// What was fetched so far, by URL.
    package var certificates: [String: [UInt8]] {
        shelf.withLock { shelf in
            shelf.kept.compactMapValues { kept in
                if case .certificate(let bytes) = kept { bytes } else { nil }
            }
        }
    }

    /// Fetches a certificate; `then` is called once, with whether it is there now.
    package func fetchCertificate(
        at url: String, for provider: any Provider, then: @escaping @Sendable (Bool) -> Void
    ) {
        enum Turn { case answer(Bool), fetch, wait }
        let now = time.now
        let turn = shelf.withLock { shelf -> Turn in
            switch shelf.kept[url] {
            case .certificate: return .answer(true)
            case .missing(let since) where now - since < Self.patience: return .answer(false)
            case .missing, nil: break
            }
            if let waiting = shelf.underWay[url] {
                guard waiting.count < Self.waiting else { return .answer(false) }
                shelf.underWay[url] = waiting + [then]
                return .wait
            }
            guard shelf.underWay.count < Self.atOnce else { return .answer(false) }
            shelf.underWay[url] = [then]
            return .fetch
        }
        switch turn {
        case .answer(let isThere): return then(isThere)
        case .wait: return
        case .fetch: break
        }
        get(url, for: provider) { [self] body in
            let told = shelf.withLock { shelf in
                if shelf.kept.count >= Self.capacity { shelf.kept.removeAll() }
                shelf.kept[url] = body.map(Kept.certificate) ?? .missing(since: time.now)
                return shelf.underWay.removeValue(forKey: url) ?? []
            }
            for then in told { then(body != nil) }
        }
    }

    /// Makes the request that confirms a subscription; `then` is called once, with whether that was taken.
    package func confirm(_ url: String, for provider: any Provider, then: @escaping @Sendable (Bool) -> Void) {
        get(url, for: provider) { [log] body in
            if body == nil {
                log.warning(
                    "a callback subscription could not be confirmed", metadata: ["provider": "\(provider.name)"])
            } else {
                log.notice("callback subscription confirmed", metadata: ["provider": "\(provider.name)"])
            }
            then(body != nil)
        }
    }

    /// The body of a 200.
    private func get(_ url: String, for provider: any Provider, then: @escaping @Sendable ([UInt8]?) -> Void) {
        var settings = provider.transfer
        settings.timeout = min(settings.timeout, Self.timeout)
        settings.connectTimeout = min(settings.connectTimeout, Self.timeout)
        settings.maxConnections = Self.atOnce
        settings.sharesConnections = false
        transport.send(.http(.get(url)), pool: "\(provider.name)/callbacks", settings: settings) { reply in
            if case .success(.http(let response)) = reply, response.status == 200 {
                then(response.body)
            } else {
                then(nil)
            }
        }
    }
}
