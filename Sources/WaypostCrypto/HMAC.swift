import COpenSSL

/// HMAC (RFC 2104).
package enum HMAC {
    /// The hash below it (FIPS 180-4). SHA-1 only checks what others still sign with it: as a part of HMAC it holds
    /// (RFC 6194 section 3.3).
    package enum Hash: CaseIterable, Sendable {
        case sha1, sha256, sha384, sha512

        /// The length of a code, in bytes.
        package var size: Int {
            switch self {
            case .sha1: 20
            case .sha256: SHA256.digestSize
            case .sha384: 48
            case .sha512: 64
            }
        }

        /// OpenSSL's name of it.
        fileprivate var name: StaticString {
            switch self {
            case .sha1: "SHA1"
            case .sha256: "SHA256"
            case .sha384: "SHA384"
            case .sha512: "SHA512"
            }
        }
    }

    /// The 32-byte code of `data` under `key`, which may have any length. For many codes under one key: `HMACKey`.
    package static func sha256(key: [UInt8], _ data: [UInt8]) -> [UInt8] { HMACKey(key).authenticate(data) }
}

/// A key whose inner and outer hash states are computed once, for HMAC on a hot path.
///
/// May be used by any number of threads at once. Shows nothing of the key when printed.
package struct HMACKey: Sendable, CustomStringConvertible {
    private let state: KeyedState

    /// A key of any length, empty included.
    package init(_ key: [UInt8], hash: HMAC.Hash = .sha256) { state = KeyedState(key, hash) }

    /// The code of `data`, as long as the hash.
    package func authenticate(_ data: [UInt8]) -> [UInt8] { state.authenticate(data) }

    /// Whether `code` is the code of `data`, compared in constant time.
    package func isValid(_ code: [UInt8], for data: [UInt8]) -> Bool { ConstantTime.equal(code, authenticate(data)) }

    package var description: String { "HMACKey" }
}

/// Owns an OpenSSL context that holds the key.
///
/// `@unchecked Sendable`: after `init` the context is only ever duplicated, which reads it; each code is computed in a
/// duplicate of its own.
private final class KeyedState: @unchecked Sendable, CustomReflectable {
    private let context: OpaquePointer
    private let size: Int

    init(_ key: [UInt8], _ hash: HMAC.Hash) {
        size = hash.size
        context = require(EVP_MAC_CTX_new(Self.algorithm.raw), "EVP_MAC_CTX_new")
        // OpenSSL takes a null key as "keep the one before": an empty array must still hand over an address.
        let done = (key.isEmpty ? [0] : key).withUnsafeBufferPointer { bytes in
            Self.withDigestParameter(hash.name) { EVP_MAC_init(context, bytes.baseAddress, key.count, $0) }
        }
        require(done == 1, "EVP_MAC_init")
    }

    deinit { EVP_MAC_CTX_free(context) }  // clears the key

    func authenticate(_ data: [UInt8]) -> [UInt8] {
        let scratch = require(EVP_MAC_CTX_dup(context), "EVP_MAC_CTX_dup")
        defer { EVP_MAC_CTX_free(scratch) }
        require(EVP_MAC_update(scratch, data, data.count) == 1, "EVP_MAC_update")
        return [UInt8](unsafeUninitializedCapacity: size) { code, count in
            require(EVP_MAC_final(scratch, code.baseAddress, &count, code.count) == 1, "EVP_MAC_final")
        }
    }

    /// OpenSSL keeps the addresses of name and value, so both must outlive the call that takes them: they are literals.
    private static func withDigestParameter<Result>(
        _ value: StaticString, _ body: (UnsafePointer<OSSL_PARAM>) -> Result
    ) -> Result {
        let name: StaticString = "digest"
        var parameter = OSSL_PARAM_construct_end()
        parameter.key = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
        parameter.data_type = UInt32(OSSL_PARAM_UTF8_STRING)
        parameter.data = UnsafeMutableRawPointer(mutating: value.utf8Start)
        parameter.data_size = value.utf8CodeUnitCount
        return withUnsafePointer(to: (parameter, OSSL_PARAM_construct_end())) { pair in
            pair.withMemoryRebound(to: OSSL_PARAM.self, capacity: 2, body)
        }
    }

    var customMirror: Mirror { Mirror(self, children: []) }

    private static let algorithm = Algorithm()

    /// `@unchecked Sendable`: an `EVP_MAC` does not change after it has been fetched.
    private struct Algorithm: @unchecked Sendable {
        let raw: OpaquePointer = require(EVP_MAC_fetch(nil, "HMAC", nil), "EVP_MAC_fetch")
    }
}
