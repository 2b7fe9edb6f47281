import WaypostCore
import WaypostCrypto

/// Under what `attempt.reference_key` finds whose message a provider's id names: small, and of no length of the provider's
/// choosing.
enum ReferenceKey {
    /// First 64 bits of SHA-256(provider NUL reference).
    static func of(_ reference: String, at provider: String) -> Int64 {
        let digest = SHA256.hash(Array(provider.utf8) + [0] + Array(reference.utf8))
        return Int64(bitPattern: digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
}
