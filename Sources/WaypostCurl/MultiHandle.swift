import CCurl

/// Told when a transfer of a multi handle has ended, outside of any libcurl callback.
protocol MultiHandleOwner: AnyObject {
    func ended(_ easy: UnsafeMutableRawPointer, _ code: CURLcode)
}

/// Transfers that share connections, DNS answers and caps, driven by the loop's sockets and one timer.
final class MultiHandle: SocketSink {
    private let raw: UnsafeMutableRawPointer
    private let loop: EventLoop
    private var timer: LoopTimer?
    weak var owner: (any MultiHandleOwner)?

    init(_ loop: EventLoop) {
        guard let raw = curl_multi_init() else { preconditionFailure("curl_multi_init: out of memory") }
        self.raw = raw
        self.loop = loop
        timer = LoopTimer(loop) { [weak self] in self?.act(on: CURL_SOCKET_TIMEOUT, 0) }
        let me = Unmanaged.passUnretained(self).toOpaque()
        waypost_multi_set_pointer(raw, CURLMOPT_SOCKETDATA, me)
        waypost_multi_set_pointer(raw, CURLMOPT_TIMERDATA, me)
        waypost_multi_set_socket(raw, socketChanged)
        waypost_multi_set_timer(raw, timerChanged)
    }

    /// Closes all connections. Every easy handle must have been removed.
    deinit {
        timer?.dueAt = nil
        waypost_multi_set_socket(raw, nil)  // an object on its way out must not be called back
        waypost_multi_set_timer(raw, nil)
        curl_multi_cleanup(raw)
    }

    func set(_ option: CURLMoption, _ value: Int) { waypost_multi_set_long(raw, option, value) }

    /// Starts at the next round. False when libcurl would not take it; it never does with a fresh handle.
    func add(_ easy: EasyHandle) -> Bool { curl_multi_add_handle(raw, easy.raw) == CURLM_OK }

    /// Ends a transfer, finished or not; its owner is not told.
    func remove(_ easy: EasyHandle) { curl_multi_remove_handle(raw, easy.raw) }

    func ready(_ descriptor: Int32, events: UInt32) {
        var ready: Int32 = 0
        if events & EventLoop.readable != 0 { ready |= CURL_CSELECT_IN }
        if events & EventLoop.writable != 0 { ready |= CURL_CSELECT_OUT }
        if events & EventLoop.broken != 0 { ready |= CURL_CSELECT_ERR }
        act(on: descriptor, ready)
    }

    private func act(on descriptor: curl_socket_t, _ ready: Int32) {
        var running: Int32 = 0
        curl_multi_socket_action(raw, descriptor, ready, &running)
        var left: Int32 = 0
        while let message = curl_multi_info_read(raw, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            let code = message.pointee.data.result  // before anything is removed: the message goes with it
            owner?.ended(easy, code)
        }
    }

    fileprivate func interestChanged(_ descriptor: curl_socket_t, _ what: Int32) {
        switch what {
        case CURL_POLL_IN: loop.watch(descriptor, for: EventLoop.readable, self)
        case CURL_POLL_OUT: loop.watch(descriptor, for: EventLoop.writable, self)
        case CURL_POLL_INOUT: loop.watch(descriptor, for: EventLoop.readable | EventLoop.writable, self)
        default: loop.forget(descriptor)
        }
    }

    fileprivate func timeoutChanged(_ milliseconds: Int) {
        timer?.dueAt = milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
    }
}

private func socketChanged(
    _: UnsafeMutableRawPointer?, descriptor: curl_socket_t, what: Int32, multi: UnsafeMutableRawPointer?,
    _: UnsafeMutableRawPointer?
) -> Int32 {
    guard let multi else { return 0 }
    Unmanaged<MultiHandle>.fromOpaque(multi).takeUnretainedValue().interestChanged(descriptor, what)
    return 0
}

private func timerChanged(
    _: UnsafeMutableRawPointer?, milliseconds: Int, multi: UnsafeMutableRawPointer?
) -> Int32 {
    guard let multi else { return 0 }
    Unmanaged<MultiHandle>.fromOpaque(multi).takeUnretainedValue().timeoutChanged(milliseconds)
    return 0
}
