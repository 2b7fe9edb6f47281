/// Where a stand-in for HTTP/2 lets its clients in: TLS first, then what ALPN agreed on.
struct HTTP2Door {
    let standIn: any HTTP2StandIn
    let tls: TLSContext
    let service: ProviderService

    /// Blocks until the client has gone. Who agreed on nothing speaks HTTP/1.1, where that is let in.
    func serve(_ socket: Socket) {
        guard let channel = TLSChannel(socket, tls) else { return }
        defer { channel.release() }
        if channel.applicationProtocol == .http2 {
            HTTP2Connection(socket, channel, standIn, service)?.serve()
        } else if tls.protocols.contains(.http1) {
            var connection = HTTPConnection(socket, service, over: channel)
            connection.serve()
        }
    }
}
