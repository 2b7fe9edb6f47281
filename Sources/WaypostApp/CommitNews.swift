import Synchronization

/// Tells whoever listens that something was committed: the store is opened before those who want to know are there.
final class CommitNews: Sendable {
    private let heard = Mutex<@Sendable () -> Void>({})

    var listener: @Sendable () -> Void {
        get { heard.withLock { $0 } }
        set { heard.withLock { $0 = newValue } }
    }

    /// From the commit thread.
    var tell: @Sendable () -> Void { { [self] in listener() } }
}
