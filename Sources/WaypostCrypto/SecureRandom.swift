import COpenSSL

/// Bytes nobody can guess, for keys and tokens.
package enum SecureRandom {
    /// `count` random bytes. Ends the program where the machine has none to give.
    package static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { bytes, filled in
            require(RAND_bytes(bytes.baseAddress, Int32(count)) == 1, "RAND_bytes")
            filled = count
        }
    }
}
