import WaypostHTTP

/// What answers on one port: it decides, `HTTPConnection` does.
protocol HTTPService: Sendable {
    /// Asked when the head has been read and nothing of the body.
    func begin(_ head: RequestHead, on connection: Int) -> Beginning

    /// Asked when the request is whole. What was taken is in the journal when this returns.
    func conclude(_ request: HTTPRequest, under fault: ActiveFault?, on connection: Int) -> Conclusion

    /// Told right before the answer's first byte leaves, so that whoever reads the answer finds it in the journal.
    func answering(_ conclusion: Conclusion)

    /// Told when the answer could not be sent after all.
    func couldNotAnswer(_ conclusion: Conclusion)
}

extension HTTPService {
    func begin(_ head: RequestHead, on connection: Int) -> Beginning { .readOn(nil) }
    func answering(_ conclusion: Conclusion) {}
    func couldNotAnswer(_ conclusion: Conclusion) {}
}

/// How a connection goes on after a step.
enum Ending: Equatable, Sendable {
    case keep
    /// FIN, all that was read being read.
    case close
    /// FIN while bytes may still be coming; they are taken in for a moment, so that no RST follows at once.
    case finish
    /// RST.
    case reset
    /// Nothing more, until the client leaves.
    case hang
    /// FIN after a while in which the client may believe that the connection is kept.
    case closeIdle(after: Duration)
    /// HTTP/2: the stream ends with RST_STREAM and that code; the connection goes on.
    case resetStream(UInt32)
    /// HTTP/2: GOAWAY with that debug data, then the end, once the other streams are answered. `isLastDone`: all streams
    /// so far are looked at; otherwise this one and those above it are not.
    case goAway(debug: String, isLastDone: Bool)
}

/// What to do with a request whose body is still unread.
enum Beginning: Sendable {
    case readOn(ActiveFault?)
    /// `midBody` reads half of the body first.
    case stop(Ending, after: Duration, midBody: Bool)
}

/// What to do with a request that is whole.
struct Conclusion: Sendable {
    enum Answer: Equatable, Sendable {
        case none
        case whole(HTTPResponse)
        /// The head announces more than the body holds.
        case truncated(HTTPResponse)
        case bytes([UInt8])
    }

    var answer: Answer
    /// Before the answer.
    var pause: Duration = .zero
    var ending = Ending.keep
    /// Where it stands in the journal.
    var receipt: Journal.Receipt?
}
