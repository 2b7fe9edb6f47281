import COpenSSL
import Glibc

/// Why a text is no certificate that we could use, worded to follow what it is said of: `the certificate …`.
package enum CertificateFlaw: Error, Equatable, Sendable {
    case unreadable, otherKey, otherName

    package var complaint: String {
        switch self {
        case .unreadable: "is no X.509 certificate in PEM"
        case .otherKey: "holds no RSA key of at least 2048 bits"
        case .otherName: "was issued for somebody else"
        }
    }
}

/// What signatures are checked with, out of an X.509 certificate (RFC 5280) with an RSA key.
///
/// Its own signature is not checked: whoever fetched it over TLS from its owner's host knows already whose it is.
package struct Certificate: Sendable {
    /// Of RS256's kind.
    package let key: VerifyingKey
    /// When it holds, both ends included; unix seconds.
    package let validity: ClosedRange<Int64>

    /// `pem`: the first certificate in it counts. `hosts`: it must name one of them, by subject alternative name or, without
    /// any, by its common name; none: whatever it names will do.
    package init(pem: [UInt8], issuedFor hosts: [String] = []) throws(CertificateFlaw) {
        defer { ERR_clear_error() }
        guard let certificate = Self.read(pem) else { throw .unreadable }
        defer { X509_free(certificate) }
        guard let validity = Self.validity(of: certificate) else { throw .unreadable }
        guard hosts.isEmpty || hosts.contains(where: { Self.names(certificate, $0) }) else { throw .otherName }
        guard let raw = X509_get_pubkey(certificate), let handle = try? KeyHandle(owning: raw, algorithm: .rs256) else {
            throw .otherKey
        }
        key = VerifyingKey(handle)
        self.validity = validity
    }

    /// When the first certificate in it ends, in unix seconds, whatever its key; nil where there is none.
    package static func end(ofPEM pem: [UInt8]) -> Int64? {
        defer { ERR_clear_error() }
        guard let certificate = read(pem) else { return nil }
        defer { X509_free(certificate) }
        return seconds(X509_get0_notAfter(certificate))
    }

    static func read(_ pem: [UInt8]) -> OpaquePointer? {
        pem.withUnsafeBytes { bytes -> OpaquePointer? in
            guard !bytes.isEmpty, let size = Int32(exactly: bytes.count) else { return nil }
            let source = require(BIO_new_mem_buf(bytes.baseAddress, size), "BIO_new_mem_buf")
            defer { BIO_free(source) }
            return PEM_read_bio_X509(source, nil, { _, _, _, _ in -1 }, nil)  // never ask the terminal
        }
    }

    private static func names(_ certificate: OpaquePointer, _ host: String) -> Bool {
        !host.isEmpty && X509_check_host(certificate, host, host.utf8.count, 0, nil) == 1
    }

    static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
        var parts = tm()
        guard let time, ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        return Int64(timegm(&parts))
    }
}
