import COpenSSL

/// The SHA-256 digest (FIPS 180-4).
package enum SHA256 {
    /// In bytes.
    package static let digestSize = 32

    /// Fetched once: `EVP_sha256()` would be looked up again by name on every use (OpenSSL 3, `crypto(7)`).
    private static let algorithm = Algorithm()

    /// The digest of `data`, 32 bytes.
    package static func hash(_ data: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: digestSize) { digest, count in
            let done = EVP_Digest(data, data.count, digest.baseAddress, nil, algorithm.raw, nil)
            require(done == 1, "EVP_Digest")
            count = digestSize
        }
    }

    /// `@unchecked Sendable`: an `EVP_MD` does not change after it has been fetched.
    private struct Algorithm: @unchecked Sendable {
        let raw: OpaquePointer = require(EVP_MD_fetch(nil, "SHA256", nil), "EVP_MD_fetch")
    }
}
