import CCurl
import Glibc
import Synchronization
import WaypostHTTP

/// `Transport` by libcurl: every HTTP and SMTP exchange of the program, driven by one thread of its own.
///
/// It knows exactly what may have left: a request is never sent twice by itself once a whole copy may have arrived.
package final class CurlTransport: Transport {
    private let mailbox: Mailbox
    private let thread: pthread_t

    /// Starts the thread. Traps when the machine has no thread or descriptor to give, which only a start can meet.
    package init() {
        _ = Self.libraryIsReady
        let mailbox = Mailbox()
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, transferThreadMain, Unmanaged.passRetained(mailbox).toOpaque())
        precondition(status == 0, "the transfer thread could not be started")
        self.mailbox = mailbox
        self.thread = thread
    }

    deinit { stop() }

    /// As `Transport` says; never blocks. Completions come on the transfer thread, or at once on the caller's, with
    /// `.notSent`, after `stop`.
    package func send(
        _ request: TransportRequest, pool: String, settings: TransferSettings,
        completion: @escaping @Sendable (Result<TransportReply, TransportError>) -> Void
    ) {
        let submission = Submission(request: request, pool: pool, settings: settings, completion: completion)
        if !mailbox.post(submission) {
            completion(.failure(TransportError(departure: .notSent, detail: "the transport has been stopped")))
        }
    }

    /// When the transfer thread last went round its loop; at least once a second while it is well.
    package var lastTurn: ContinuousClock.Instant { mailbox.lastTurn }

    /// Requests sent and not yet completed.
    package var inFlight: Int { mailbox.inFlight }

    /// Ends what is under way, each with the departure that the facts allow, and waits for the thread. Later calls do
    /// nothing. Called from a completion it cannot wait for its own thread, and only gives the order.
    package func stop() {
        guard mailbox.requestStop() else { return }
        if pthread_equal(thread, pthread_self()) != 0 {
            pthread_detach(thread)
        } else {
            pthread_join(thread, nil)
        }
    }

    /// libcurl's global state, set up once and kept to the end of the process.
    private static let libraryIsReady: Bool = {
        let status = curl_global_init(Int(CURL_GLOBAL_ALL))
        precondition(status == CURLE_OK, "curl_global_init failed")
        return true
    }()
}

/// The thread's life. A plain function: a closure could inherit an actor, and would trap here.
private nonisolated func transferThreadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let mailbox = Unmanaged<Mailbox>.fromOpaque(argument).takeRetainedValue()
    pthread_setname_np(pthread_self(), "transfers")
    blockSignals()
    TransferLoop(mailbox).run()
    return nil
}

/// Signals are the main thread's business; and OpenSSL writes without MSG_NOSIGNAL, so SIGPIPE must not strike here.
/// Faults stay open: blocked, they would end the process without a backtrace.
private nonisolated func blockSignals() {
    var signals = sigset_t()
    sigfillset(&signals)
    for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP] { sigdelset(&signals, fault) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
}
