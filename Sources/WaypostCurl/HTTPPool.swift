import CCurl
import WaypostHTTP

/// The HTTP transfers of one provider instance, with connections and caps of their own.
final class HTTPPool: MultiHandleOwner {
    private let multi: MultiHandle
    private let mailbox: Mailbox
    private var underWay: [UnsafeMutableRawPointer: (transfer: HTTPTransfer, submission: Submission)] = [:]
    /// Handles to use again: creating one costs more than setting it back. At most `maxSpare` are kept.
    private var spare: [EasyHandle] = []
    private static let maxSpare = 64
    private var caps: Caps?
    private let goAways = GoAways()

    private struct Caps: Equatable { let connections: Int, streams: Int }

    init(_ loop: EventLoop, _ mailbox: Mailbox) {
        multi = MultiHandle(loop)
        self.mailbox = mailbox
        multi.owner = self
        multi.set(CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
    }

    func start(_ request: HTTPRequest, _ submission: Submission) {
        if let fault = request.fault {
            return mailbox.finish(submission, .failure(TransportError(departure: .notSent, detail: fault)))
        }
        apply(Caps(connections: submission.settings.maxConnections, streams: submission.settings.maxStreams))
        let easy = spare.popLast() ?? EasyHandle()
        let transfer = HTTPTransfer(request, submission.settings, easy, goAways)
        guard easy.refusal == CURLE_OK, multi.add(easy) else {
            let detail = "libcurl refused the request: \(easy.refusal.words)"
            return mailbox.finish(submission, .failure(TransportError(departure: .notSent, detail: detail)))
        }
        underWay[easy.raw] = (transfer, submission)
    }

    /// A reload may change them; they count from the next connection on.
    private func apply(_ caps: Caps) {
        guard caps != self.caps else { return }
        self.caps = caps
        multi.set(CURLMOPT_MAX_HOST_CONNECTIONS, caps.connections)
        multi.set(CURLMOPT_MAX_CONCURRENT_STREAMS, caps.streams)
        multi.set(CURLMOPT_MAXCONNECTS, caps.connections + 8)  // a pool may speak to a second host, for its tokens
    }

    func ended(_ easy: UnsafeMutableRawPointer, _ code: CURLcode) {
        guard let (transfer, submission) = underWay.removeValue(forKey: easy) else { return }
        let result = transfer.result(of: code)
        retire(transfer.easy)
        mailbox.finish(submission, result)
    }

    private func retire(_ easy: EasyHandle) {
        multi.remove(easy)
        guard spare.count < Self.maxSpare else { return }
        easy.reset()
        spare.append(easy)
    }

    func stop() {
        for (transfer, submission) in underWay.values {
            let departure = transfer.departure
            multi.remove(transfer.easy)
            mailbox.finish(submission, .failure(.stopped(departure)))
        }
        underWay = [:]
    }
}
