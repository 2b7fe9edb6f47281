import COpenSSL

/// What every TLS session of the sandbox starts from: TLS 1.2 or later, one certificate.
///
/// `@unchecked Sendable`: it is complete when `init` returns, and OpenSSL allows `SSL_new` on one context from many
/// threads.
final class TLSContext: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ identity: TLSIdentity) throws(TLSFailure) {
        guard let pointer = SSL_CTX_new(TLS_server_method()) else { throw TLSFailure("no TLS context") }
        self.pointer = pointer
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
    }

    deinit { SSL_CTX_free(pointer) }
}

/// Why TLS cannot be offered.
package struct TLSFailure: Error, Equatable, CustomStringConvertible, Sendable {
    package var reason: String
    init(_ reason: String) { self.reason = reason }
    package var description: String { "TLS: \(reason)" }
}
