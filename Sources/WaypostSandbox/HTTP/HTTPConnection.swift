import WaypostHTTP

/// One client's connection: reads request after request and does what the service decides, down to the last packet.
struct HTTPConnection {
    private let socket: Socket
    private let channel: any ByteChannel
    private let service: any HTTPService
    private var reader: RequestReader

    /// `channel`: what runs over the socket, where it is not clear text.
    init(_ socket: Socket, _ service: any HTTPService, over channel: (any ByteChannel)? = nil) {
        self.socket = socket
        self.channel = channel ?? socket
        self.service = service
        reader = RequestReader(self.channel)
    }

    /// Returns when the connection has ended.
    mutating func serve() {
        do throws(HTTPRefusal) {
            while let head = try reader.head(), try serve(head) {}
            socket.close()
        } catch {
            // Half a request is no bad request where we have hung up ourselves.
            guard !socket.wasDropped else { return socket.close() }
            _ = channel.write(error.response.bytes(closing: true))
            socket.closeAfterAnswer()
        }
    }

    /// False when the connection has ended.
    private mutating func serve(_ head: RequestHead) throws(HTTPRefusal) -> Bool {
        let fault: ActiveFault?
        switch service.begin(head, on: socket.number) {
        case .readOn(let active): fault = active
        case .stop(let ending, let delay, let midBody):
            if midBody { reader.discardHalf(of: head) }
            guard delay == .zero || socket.pause(delay) else { return false }
            return end(ending)
        }
        if head.expectsContinue, head.body != .length(0) {
            guard channel.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) else { return false }
        }
        let body = try reader.body(of: head)
        let request = HTTPRequest(method: head.method, target: head.target, headers: head.headers, body: body)
        let conclusion = service.conclude(request, under: fault, on: socket.number)
        return perform(conclusion, of: head)
    }

    private func perform(_ conclusion: Conclusion, of head: RequestHead) -> Bool {
        if conclusion.pause > .zero, !socket.pause(conclusion.pause) { return false }
        let bytes: [UInt8]
        switch conclusion.answer {
        case .none: return end(conclusion.ending)
        case .whole(let response): bytes = response.bytes(to: head.method, closing: head.wantsClose)
        case .truncated(let response): bytes = response.bytes(to: head.method, announcing: response.body.count + 1_024)
        case .bytes(let garbage): bytes = garbage
        }
        service.answering(conclusion)
        guard channel.write(bytes) else {
            service.couldNotAnswer(conclusion)
            return false
        }
        return end(conclusion.ending == .keep && head.wantsClose ? .close : conclusion.ending)
    }

    /// False when the connection has ended.
    private func end(_ ending: Ending) -> Bool {
        switch ending {
        case .keep: return true
        case .close: socket.close()
        case .finish: socket.closeAfterAnswer()
        case .reset: socket.reset()
        case .hang: _ = socket.pause(nil)
        case .closeIdle(let after):
            _ = socket.pause(after)
            socket.close()
        case .resetStream, .goAway: socket.close()  // HTTP/1.1 has no streams: the connection is all that can end
        }
        return false
    }
}
