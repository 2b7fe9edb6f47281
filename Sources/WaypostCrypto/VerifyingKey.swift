/// A public key that checks signatures. May be used by any number of threads at once.
package struct VerifyingKey: Sendable {
    private let handle: KeyHandle

    /// `pem`: a SubjectPublicKeyInfo.
    package init(pem: String, algorithm: SigningAlgorithm) throws(KeyFlaw) {
        handle = try KeyHandle(.public, pem: pem, algorithm: algorithm)
    }

    /// `der`: a SubjectPublicKeyInfo, and nothing after it.
    package init(der: [UInt8], algorithm: SigningAlgorithm) throws(KeyFlaw) {
        handle = try KeyHandle(publicDER: der, algorithm: algorithm)
    }

    /// `ed25519`: the 32 bytes of the key alone (RFC 8032 section 5.1.5).
    package init(ed25519 bytes: [UInt8]) throws(KeyFlaw) { handle = try KeyHandle(ed25519: bytes) }

    init(_ handle: KeyHandle) { self.handle = handle }

    /// `signature` in the form of JSON Web Signatures: for ES256 the 64 bytes of r and s, never DER.
    package func isValid(_ signature: [UInt8], for data: [UInt8]) -> Bool { handle.isValid(signature, for: data) }

    /// The same with an ECDSA signature in DER (RFC 3279 section 2.2.3), as most others write it; r and s side by side are
    /// refused.
    package func isValid(der signature: [UInt8], for data: [UInt8]) -> Bool {
        handle.algorithm == .es256 && handle.verifies(signature, of: data)
    }

    /// The same for RSA with SHA-1, which old senders still use and only RS256's keys can.
    package func isValid(sha1 signature: [UInt8], for data: [UInt8]) -> Bool {
        handle.algorithm == .rs256 && handle.verifies(signature, of: data, digest: "SHA1")
    }
}
