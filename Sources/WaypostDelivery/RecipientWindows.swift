import Synchronization
import WaypostCore
import WaypostPolicy
import WaypostStore

/// Whose window: a recipient's address on a channel, in all or for one type.
package struct RecipientKey: Hashable, Sendable {
    var address: Int64
    /// nil: the limit over all types.
    var type: MessageType?
}

/// The sliding windows on what one recipient gets. Windows up to ten minutes live here, bounded, refusing when full rather
/// than forgetting; longer ones are asked of the store, in the transaction that keeps the message.
package final class RecipientWindows: Sendable {
    /// A recipient whose window is full.
    struct Full: Error {
        var ordinal: Int
        var until: Instant?
    }

    private static let longest: Duration = .seconds(600)
    /// Recipients that have something in a window at once.
    package static let maxRecipients = 1_000_000

    private struct Windows {
        var settings: WindowSettings
        var windows: KeyedWindows<RecipientKey>
    }
    private let windows = Mutex<[MessageType?: Windows]>([:])

    package init() {}

    func take(
        _ message: Message, keys: [Int64], _ limits: LimitSettings, at now: Instant
    ) -> Result<[(RecipientKey, Int)], Full> {
        let rules: [(MessageType?, WindowSettings?)] = [
            (nil, limits.recipient), (message.type, limits.recipientByType[message.type]),
        ]
        return windows.withLock { windows in
            var taken: [(RecipientKey, Int)] = []
            for (type, rule) in rules {
                guard let rule, rule.window <= Self.longest else { continue }
                if windows[type]?.settings != rule {
                    windows[type] = Windows(settings: rule, windows: KeyedWindows(rule, capacity: Self.maxRecipients))
                }
                for (ordinal, address) in keys.enumerated() {
                    let key = RecipientKey(address: address, type: type)
                    if case .refused(let until)? = windows[type]?.windows.take(key, at: now) {
                        for (key, _) in taken { windows[key.type]?.windows.giveBack(key, at: now) }
                        return .failure(Full(ordinal: ordinal, until: until))
                    }
                    taken.append((key, ordinal))
                }
            }
            return .success(taken)
        }
    }

    /// `moment` is that of the take, so that it is that one that is undone.
    func giveBack(_ keys: [RecipientKey], at moment: Instant) {
        guard !keys.isEmpty else { return }
        windows.withLock { windows in
            for key in keys { windows[key.type]?.windows.giveBack(key, at: moment) }
        }
    }

    /// Empties the windows of these addresses; nil: of all. Returns how many recipients had something in one.
    package func reset(_ addresses: [Int64]?) -> Int {
        windows.withLock { windows in
            guard let addresses else {
                let count = windows.values.map(\.windows.trackedKeys).max() ?? 0
                windows = [:]
                return count
            }
            var emptied = 0
            for address in addresses {
                var wasTracked = false
                for type in windows.keys {
                    let before = windows[type]?.windows.trackedKeys
                    windows[type]?.windows.clear(RecipientKey(address: address, type: type))
                    wasTracked = wasTracked || windows[type]?.windows.trackedKeys != before
                }
                if wasTracked { emptied += 1 }
            }
            return emptied
        }
    }

    /// Recipients that have something in a window; of these addresses alone where some are named.
    package func tracked(_ addresses: [Int64]?, at now: Instant) -> Int {
        windows.withLock { windows in
            guard let addresses else { return windows.values.map(\.windows.trackedKeys).max() ?? 0 }
            return addresses.count { address in
                windows.contains { type, window in
                    window.windows.remaining(RecipientKey(address: address, type: type), at: now)
                        < window.settings.limit
                }
            }
        }
    }

    /// What the windows of an address hold, for each rule; those that the store is asked for are left out.
    package func standing(
        of address: Int64, _ limits: LimitSettings, at now: Instant
    ) -> [(type: MessageType?, settings: WindowSettings, used: Int, nextFree: Duration)] {
        Self.rules(limits).filter { $0.settings.window <= Self.longest }.map { type, settings in
            windows.withLock { windows in
                guard let kept = windows[type], kept.settings == settings else { return (type, settings, 0, .zero) }
                let key = RecipientKey(address: address, type: type)
                return (
                    type, settings, settings.limit - kept.windows.remaining(key, at: now),
                    kept.windows.nextFree(key, at: now)
                )
            }
        }
    }

    /// The rules whose windows are asked of the store.
    package static func longRules(_ limits: LimitSettings) -> [(type: MessageType?, settings: WindowSettings)] {
        rules(limits).filter { $0.settings.window > longest }
    }

    private static func rules(_ limits: LimitSettings) -> [(type: MessageType?, settings: WindowSettings)] {
        let types = MessageType.allCases.compactMap { type in limits.recipientByType[type].map { (type, $0) } }
        return (limits.recipient.map { [(nil, $0)] } ?? []) + types.map { ($0.0, $0.1) }
    }

    /// The window over ten minutes that applies to a message, if any.
    func storedLimit(_ message: Message, _ limits: LimitSettings) -> NewMessage.StoredLimit? {
        if let rule = limits.recipientByType[message.type], rule.window > Self.longest {
            return .init(limit: rule.limit, window: rule.window, type: message.type)
        }
        if let rule = limits.recipient, rule.window > Self.longest {
            return .init(limit: rule.limit, window: rule.window, type: nil)
        }
        return nil
    }
}
