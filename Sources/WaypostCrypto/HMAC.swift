import COpenSSL

/// HMAC (RFC 2104) with SHA-256.
package enum HMAC {
    /// The 32-byte code of `data` under `key`, which may have any length. For many codes under one key: `HMACKey`.
    package static func sha256(key: [UInt8], _ data: [UInt8]) -> [UInt8] { HMACKey(key).authenticate(data) }
}

/// A key whose inner and outer hash states are computed once, for HMAC-SHA-256 on a hot path.
///
/// May be used by any number of threads at once. Shows nothing of the key when printed.
package struct HMACKey: Sendable, CustomStringConvertible {
    private let state: KeyedState

    /// A key of any length, empty included.
    package init(_ key: [UInt8]) { state = KeyedState(key) }

    /// The 32-byte code of `data`.
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

    init(_ key: [UInt8]) {
        context = require(EVP_MAC_CTX_new(Self.algorithm.raw), "EVP_MAC_CTX_new")
        // OpenSSL takes a null key as "keep the one before": an empty array must still hand over an address.
        let done = (key.isEmpty ? [0] : key).withUnsafeBufferPointer { bytes in
            Self.withDigestParameter { EVP_MAC_init(context, bytes.baseAddress, key.count, $0) }
        }
        require(done == 1, "EVP_MAC_init")
    }

    deinit { EVP_MAC_CTX_free(context) }  // clears the key

    func authenticate(_ data: [UInt8]) -> [UInt8] {
        let scratch = require(EVP_MAC_CTX_dup(context), "EVP_MAC_CTX_dup")
        defer { EVP_MAC_CTX_free(scratch) }
        require(EVP_MAC_update(scratch, data, data.count) == 1, "EVP_MAC_update")
        return [UInt8](unsafeUninitializedCapacity: SHA256.digestSize) { code, count in
            require(EVP_MAC_final(scratch, code.baseAddress, &count, code.count) == 1, "EVP_MAC_final")
        }
    }

    /// OpenSSL keeps the addresses of name and value, so both must outlive the call that takes them: they are literals.
    private static func withDigestParameter<Result>(_ body: (UnsafePointer<OSSL_PARAM>) -> Result) -> Result {
        let name: StaticString = "digest"
        let value: StaticString = "SHA256"
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
