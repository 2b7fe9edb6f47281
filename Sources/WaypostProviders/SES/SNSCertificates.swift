import Synchronization
import WaypostCrypto

/// The signing certificates that were read already: reading one costs more than checking a signature with it.
final class SNSCertificates: Sendable {
    private struct Entry {
        let pem: [UInt8]
        let certificate: Certificate
    }

    /// SNS has one a region, and another when it is renewed.
    private static let most = 16

    private let entries = Mutex<[String: Entry]>([:])

    /// `hosts`: see `Certificate`.
    func certificate(at url: String, pem: [UInt8], issuedFor hosts: [String]) throws(CertificateFlaw) -> Certificate {
        if let known = entries.withLock({ $0[url] }), known.pem == pem { return known.certificate }
        let certificate = try Certificate(pem: pem, issuedFor: hosts)
        entries.withLock { entries in
            if entries.count >= Self.most, entries[url] == nil { entries.removeAll() }
            entries[url] = Entry(pem: pem, certificate: certificate)
        }
        return certificate
    }
}
