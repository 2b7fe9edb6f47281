import COpenSSL

/// TLS as the server, over a socket. OpenSSL sees memory only; every byte on the wire passes through `Socket`, so no
/// write of its own can raise SIGPIPE and `drop()` works as in clear text. For one thread.
final class TLSChannel: ByteChannel {
    private let socket: Socket
    private var session: OpaquePointer?
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer

    /// Shakes hands; nil when that fails.
    init?(_ socket: Socket, _ context: TLSContext) {
        guard let session = SSL_new(context.pointer) else { return nil }
        guard let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem()) else {
            SSL_free(session)
            return nil
        }
        // The session owns both from here on.
        SSL_set_bio(session, incoming, outgoing)
        SSL_set_accept_state(session)
        self.socket = socket
        self.session = session
        self.incoming = incoming
        self.outgoing = outgoing
        guard perform({ SSL_do_handshake($0) }) != nil else { return nil }
    }

    deinit { SSL_free(session) }

    /// Gives the session's memory back early; the channel is at its end then.
    func release() {
        SSL_free(session)
        session = nil
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        Int(perform { SSL_read($0, buffer.baseAddress, Int32(clamping: buffer.count)) } ?? 0)
    }

    func write(_ bytes: [UInt8]) -> Bool {
        bytes.isEmpty || perform { SSL_write($0, bytes, Int32(clamping: bytes.count)) } != nil
    }

    /// What ALPN agreed on; nil where the client did not ask, or asked for something else.
    var applicationProtocol: ApplicationProtocol? {
        guard let session else { return nil }
        var name: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        SSL_get0_alpn_selected(session, &name, &length)
        let text = String(decoding: UnsafeBufferPointer(start: name, count: Int(length)), as: UTF8.self)
        return ApplicationProtocol(rawValue: text)
    }

    /// Decrypts what `receive()` took in, and never waits: 0 when more must come first, nil at the stream's end.
    func readReceived(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        guard let session else { return nil }
        ERR_clear_error()
        let count = SSL_read(session, buffer.baseAddress, Int32(clamping: buffer.count))
        let error = SSL_get_error(session, count)
        guard sendOutgoing() else { return nil }
        if count > 0 { return Int(count) }
        return error == SSL_ERROR_WANT_READ ? 0 : nil
    }

    /// Takes in what the socket has, waiting where it has nothing yet; false at its end.
    func receive() -> Bool { receiveIncoming(atMost: 65_536) }

    /// Says close_notify.
    func finish() {
        guard let session else { return }
        ERR_clear_error()
        SSL_shutdown(session)
        _ = sendOutgoing()
    }

    /// Repeats the operation, carrying bytes to and from the socket, until it succeeds; nil when it cannot any more.
    private func perform(_ operation: (OpaquePointer) -> Int32) -> Int32? {
        guard let session else { return nil }
        while true {
            ERR_clear_error()
            let result = operation(session)
            let error = SSL_get_error(session, result)
            guard sendOutgoing() else { return nil }
            if result > 0 { return result }
            guard error == SSL_ERROR_WANT_READ, receiveIncoming() else { return nil }
        }
    }

    private func sendOutgoing() -> Bool {
        let pending = BIO_ctrl_pending(outgoing)
        guard pending > 0 else { return true }
        let bytes = [UInt8](unsafeUninitializedCapacity: pending) { buffer, count in
            count = max(0, Int(BIO_read(outgoing, buffer.baseAddress, Int32(clamping: pending))))
        }
        return socket.write(bytes)
    }

    private func receiveIncoming(atMost size: Int = 16_384) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: size, alignment: 1) { scratch in
            let count = socket.read(into: scratch)
            return count > 0 && BIO_write(incoming, scratch.baseAddress, Int32(count)) == Int32(count)
        }
    }
}
