/// A public key that checks signatures. May be used by any number of threads at once.
package struct VerifyingKey: Sendable {
    private let handle: KeyHandle

    /// `pem`: a SubjectPublicKeyInfo.
    package init(pem: String, algorithm: SigningAlgorithm) throws(KeyFlaw) {
        handle = try KeyHandle(.public, pem: pem, algorithm: algorithm)
    }

    /// `signature` in the form of JSON Web Signatures: for ES256 the 64 bytes of r and s, never DER.
    package func isValid(_ signature: [UInt8], for data: [UInt8]) -> Bool { handle.isValid(signature, for: data) }
}
