import COpenSSL
import Glibc

/// Why a handshake did not come to its end, worded to stand alone; holds no content.
package struct TLSFailure: Error, Equatable, Sendable {
    package let detail: String
}

/// What a TLS server showed in a handshake.
package struct TLSFacts: Equatable, Sendable {
    /// `TLSv1.3`
    package var version: String
    package var cipher: String
    /// What ALPN agreed on; nil: nothing.
    package var application: String?
    /// The certificate's issuer: its organisation, else its common name.
    package var issuer: String
    /// When the certificate holds, both ends included; unix seconds.
    package var validity: ClosedRange<Int64>
    /// Whether the certificate names the host that was asked for.
    package var namesHost: Bool
    /// Why the chain is not trusted, in OpenSSL's words; nil: it is.
    package var distrust: String?

    package init(
        version: String, cipher: String, application: String?, issuer: String, validity: ClosedRange<Int64>,
        namesHost: Bool, distrust: String?
    ) {
        self.version = version
        self.cipher = cipher
        self.application = application
        self.issuer = issuer
        self.validity = validity
        self.namesHost = namesHost
        self.distrust = distrust
    }
}

/// A handshake made to look at the other side: it goes on with a certificate that cannot be trusted, to say what is wrong
/// with it, and so must never carry a secret. For one thread; the socket is the caller's and blocks no longer than its
/// own timeouts let it.
package final class TLSProbe {
    private let context: OpaquePointer
    private let session: OpaquePointer
    package let facts: TLSFacts

    /// `host`: a name or an address. `authorities`: a file of PEM certificates trusted beside the system's. `offering`: what
    /// ALPN offers, the best first.
    package init(
        onto descriptor: Int32, host: String, authorities: String?, offering: [String]
    ) throws(TLSFailure) {
        defer { ERR_clear_error() }
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw TLSFailure(detail: "OpenSSL has no memory") }
        SSL_CTX_set_default_verify_paths(context)
        if let authorities { _ = SSL_CTX_load_verify_locations(context, authorities, nil) }
        SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nil)
        guard let session = SSL_new(context) else {
            SSL_CTX_free(context)
            throw TLSFailure(detail: "OpenSSL has no memory")
        }
        do throws(TLSFailure) {
            facts = try Self.greet(session, descriptor, host, offering)
        } catch {
            SSL_free(session)
            SSL_CTX_free(context)
            throw error
        }
        self.context = context
        self.session = session
    }

    deinit {
        SSL_free(session)
        SSL_CTX_free(context)
    }

    /// False where the other side is gone.
    package func write(_ bytes: [UInt8]) -> Bool {
        defer { ERR_clear_error() }
        return SSL_write(session, bytes, Int32(bytes.count)) == Int32(bytes.count)
    }

    /// At most `limit` bytes of what has come; empty at the end, or when it did not come in time.
    package func read(atMost limit: Int) -> [UInt8] {
        defer { ERR_clear_error() }
        return [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            count = Int(max(0, SSL_read(session, buffer.baseAddress, Int32(limit))))
        }
    }

    private static func greet(
        _ session: OpaquePointer, _ descriptor: Int32, _ host: String, _ offering: [String]
    ) throws(TLSFailure) -> TLSFacts {
        SSL_set_fd(session, descriptor)
        let isAddress = isAddress(host)
        if !isAddress {
            // SSL_set_tlsext_host_name, which is a macro
            _ = host.withCString { name in
                SSL_ctrl(
                    session, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name),
                    UnsafeMutableRawPointer(mutating: name))
            }
        }
        let protocols = offering.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        if !protocols.isEmpty { SSL_set_alpn_protos(session, protocols, UInt32(protocols.count)) }
        errno = 0
        let result = SSL_connect(session)
        guard result == 1 else { throw TLSFailure(detail: complaint(SSL_get_error(session, result))) }
        guard let certificate = SSL_get1_peer_certificate(session) else {
            throw TLSFailure(detail: "the server showed no certificate")
        }
        defer { X509_free(certificate) }
        guard let validity = Certificate.validity(of: certificate) else {
            throw TLSFailure(detail: "the certificate's dates cannot be read")
        }
        let verdict = SSL_get_verify_result(session)
        return TLSFacts(
            version: SSL_get_version(session).map { String(cString: $0) } ?? "",
            cipher: SSL_CIPHER_get_name(SSL_get_current_cipher(session)).map { String(cString: $0) } ?? "",
            application: application(session), issuer: issuer(of: certificate), validity: validity,
            namesHost: isAddress
                ? X509_check_ip_asc(certificate, host, 0) == 1
                : X509_check_host(certificate, host, host.utf8.count, 0, nil) == 1,
            distrust: verdict == Int(X509_V_OK)
                ? nil : X509_verify_cert_error_string(verdict).map { String(cString: $0) } ?? "it is not trusted")
    }

    private static func complaint(_ error: Int32) -> String {
        switch error {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return "the handshake took too long"
        case SSL_ERROR_SYSCALL: return "the connection was closed during the handshake"
        default:
            let reason = ERR_reason_error_string(ERR_peek_error()).map { String(cString: $0) }
            return "the handshake failed: \(reason ?? "no reason was given")"
        }
    }

    private static func application(_ session: OpaquePointer) -> String? {
        var bytes: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(session, &bytes, &count)
        guard let bytes, count > 0 else { return nil }
        return String(decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
    }

    private static func issuer(of certificate: OpaquePointer) -> String {
        guard let name = X509_get_issuer_name(certificate) else { return "" }
        for field in [NID_organizationName, NID_commonName] {
            var text = [CChar](repeating: 0, count: 256)
            let length = X509_NAME_get_text_by_NID(name, field, &text, Int32(text.count))
            if length > 0 {
                return String(decoding: text.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            }
        }
        return ""
    }

    private static func isAddress(_ host: String) -> Bool {
        var v4 = in_addr()
        var v6 = in6_addr()
        return inet_pton(AF_INET, host, &v4) == 1 || inet_pton(AF_INET6, host, &v6) == 1
    }
}

extension Certificate {
    /// When the first certificate of a PEM file holds, whatever its key; unix seconds. nil: it cannot be read.
    package static func validity(ofPEM pem: [UInt8]) -> ClosedRange<Int64>? {
        defer { ERR_clear_error() }
        guard let certificate = read(pem) else { return nil }
        defer { X509_free(certificate) }
        return validity(of: certificate)
    }

    static func validity(of certificate: OpaquePointer) -> ClosedRange<Int64>? {
        guard let start = seconds(X509_get0_notBefore(certificate)), let end = seconds(X509_get0_notAfter(certificate)),
            start <= end
        else { return nil }
        return start...end
    }
}
