import CCurl
import Glibc
import Synchronization
import WaypostHTTP

/// What a caller hands over: one request and where its outcome goes.
struct Submission: Sendable {
    let request: TransportRequest
    let pool: String
    let settings: TransferSettings
    let completion: @Sendable (Result<TransportReply, TransportError>) -> Void
}

/// The one thing that callers and the transfer thread share: submissions in, signs of life out.
///
/// Bounded by the callers' `max_in_flight`; posting never waits for the network.
final class Mailbox: Sendable {
    private struct Contents {
        var submissions: [Submission] = []
        var isStopping = false
        var lastTurn = ContinuousClock.now
    }

    private let contents = Mutex(Contents())
    private let open = Atomic(0)
    /// An eventfd, readable while something waits.
    let wakeUp: Int32

    init() {
        wakeUp = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        precondition(wakeUp >= 0, "eventfd failed: no file descriptor left at start")
    }

    deinit { close(wakeUp) }

    /// Submissions whose completion has not been called yet.
    var inFlight: Int { open.load(ordering: .relaxed) }

    var lastTurn: ContinuousClock.Instant {
        get { contents.withLock { $0.lastTurn } }
        set { contents.withLock { $0.lastTurn = newValue } }
    }

    /// False when the transport has stopped: nobody will ever look at it.
    func post(_ submission: Submission) -> Bool {
        let (accepted, isFirst) = contents.withLock { contents in
            guard !contents.isStopping else { return (false, false) }
            contents.submissions.append(submission)
            return (true, contents.submissions.count == 1)
        }
        guard accepted else { return false }
        open.add(1, ordering: .relaxed)
        if isFirst { ring() }  // once for a burst: the thread takes all that has gathered
        return true
    }

    /// True the first time.
    func requestStop() -> Bool {
        let isFirst = contents.withLock { contents in
            defer { contents.isStopping = true }
            return !contents.isStopping
        }
        ring()
        return isFirst
    }

    /// All that has gathered since the last call, and whether to stop.
    func take() -> (submissions: [Submission], isStopping: Bool) {
        var count: UInt64 = 0
        _ = read(wakeUp, &count, 8)  // before the lock: what is posted after the swap rings again
        return contents.withLock { contents in
            defer { contents.submissions.removeAll(keepingCapacity: false) }
            return (contents.submissions, contents.isStopping)
        }
    }

    /// Ends a submission. Every one that was posted comes through here exactly once.
    func finish(_ submission: Submission, _ result: Result<TransportReply, TransportError>) {
        open.subtract(1, ordering: .relaxed)
        submission.completion(result)
    }

    private func ring() {
        var one: UInt64 = 1
        _ = write(wakeUp, &one, 8)
    }
}
