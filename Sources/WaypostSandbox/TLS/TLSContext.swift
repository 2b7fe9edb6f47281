import COpenSSL

/// What every TLS session of the sandbox starts from: TLS 1.2 or later, one certificate, the protocols that ALPN offers.
///
/// `@unchecked Sendable`: it is complete when `init` returns, and OpenSSL allows `SSL_new` on one context from many
/// threads.
final class TLSContext: @unchecked Sendable {
    let pointer: OpaquePointer
    /// By ALPN (RFC 7301), the dearest first; none: the extension is not answered.
    let protocols: [ApplicationProtocol]
    /// As the extension carries them: each behind a byte with its length. OpenSSL keeps the pointer.
    private let names: UnsafeMutableBufferPointer<UInt8>

    init(_ identity: TLSIdentity, protocols: [ApplicationProtocol] = []) throws(TLSFailure) {
        guard let pointer = SSL_CTX_new(TLS_server_method()) else { throw TLSFailure("no TLS context") }
        self.pointer = pointer
        self.protocols = protocols
        let list = protocols.flatMap { [UInt8($0.rawValue.utf8.count)] + Array($0.rawValue.utf8) }
        names = .allocate(capacity: list.count)
        _ = names.initialize(fromContentsOf: list)
        SSL_CTX_ctrl(pointer, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
        let isSet =
            switch identity {
            case .made(let certificate, let key, _):
                SSL_CTX_use_certificate(pointer, certificate.pointer) == 1
                    && SSL_CTX_use_PrivateKey(pointer, key.pointer) == 1
            case .files(let certificate, let key):
                SSL_CTX_use_certificate_chain_file(pointer, certificate) == 1
                    && SSL_CTX_use_PrivateKey_file(pointer, key, SSL_FILETYPE_PEM) == 1
            }
        guard isSet, SSL_CTX_check_private_key(pointer) == 1 else {
            throw TLSFailure("the certificate or its private key cannot be used")
        }
        guard !protocols.isEmpty else { return }
        SSL_CTX_set_alpn_select_cb(pointer, Self.select, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        SSL_CTX_free(pointer)
        names.deallocate()
    }

    /// Without a protocol in common the handshake fails with `no_application_protocol`.
    private static let select: SSL_CTX_alpn_select_cb_func = { _, chosen, length, offered, offeredLength, context in
        guard let context, let chosen else { return SSL_TLSEXT_ERR_NOACK }
        let names = Unmanaged<TLSContext>.fromOpaque(context).takeUnretainedValue().names
        var found: UnsafeMutablePointer<UInt8>?
        let result = SSL_select_next_proto(
            &found, length, names.baseAddress, UInt32(names.count), offered, offeredLength)
        chosen.pointee = UnsafePointer(found)
        return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL
    }
}

/// What is spoken inside TLS, by its name in ALPN.
enum ApplicationProtocol: String, Sendable {
    case http2 = "h2"
    case http1 = "http/1.1"
}

/// Why TLS cannot be offered.
package struct TLSFailure: Error, Equatable, CustomStringConvertible, Sendable {
    package var reason: String
    init(_ reason: String) { self.reason = reason }
    package var description: String { "TLS: \(reason)" }
}
