/// A private key that signs. May be used by any number of threads at once. Shows nothing of itself when printed.
package struct SigningKey: Equatable, Sendable, CustomStringConvertible {
    private let handle: KeyHandle

    /// `pem`: PKCS#8, not encrypted, as Google and Apple hand it out. One signature is made and verified for trial: what a
    /// program is started with can then sign for as long as it runs.
    package init(pem: String, algorithm: SigningAlgorithm) throws(KeyFlaw) {
        handle = try KeyHandle(.private, pem: pem, algorithm: algorithm)
        let trial = Array("trial".utf8)
        guard let signature = handle.signature(of: trial), handle.isValid(signature, for: trial) else {
            throw .inconsistent
        }
    }

    package var algorithm: SigningAlgorithm { handle.algorithm }

    /// In the form of JSON Web Signatures: for ES256 the 64 bytes of r and s.
    package func signature(of data: [UInt8]) -> [UInt8] { require(handle.signature(of: data), "EVP_DigestSign") }

    /// Whether both are the same key.
    package static func == (left: SigningKey, right: SigningKey) -> Bool {
        left.algorithm == right.algorithm && left.handle.isPair(of: right.handle)
    }

    package var description: String { "SigningKey" }
}
