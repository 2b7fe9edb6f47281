import COpenSSL

/// How a text is signed (RFC 7518 section 3.1); the raw value is the word in a token's header.
package enum SigningAlgorithm: String, Sendable {
    /// RSASSA-PKCS1-v1_5 with SHA-256 and a key of at least 2048 bits.
    case rs256 = "RS256"
    /// ECDSA with P-256 and SHA-256; a signature is r and s, 64 bytes.
    case es256 = "ES256"
    /// Ed25519 (RFC 8037), which hashes by itself.
    case edDSA = "EdDSA"
}

extension SigningAlgorithm {
    /// OpenSSL's name of the hash; nil for one that takes the text whole.
    fileprivate var digest: String? { self == .edDSA ? nil : "SHA256" }
}

/// Why a text is no key, worded to follow the name of the place: `private_key is not PEM …`.
package enum KeyFlaw: Error, Equatable, Sendable {
    case unreadable, otherKind(SigningAlgorithm), inconsistent

    package var complaint: String {
        switch self {
        case .unreadable: "is not a key in PEM without a passphrase"
        case .otherKind(.rs256): "is not an RSA key of at least 2048 bits"
        case .otherKind(.es256): "is not a P-256 key"
        case .otherKind(.edDSA): "is not an Ed25519 key"
        case .inconsistent: "is damaged: it does not verify its own signatures"
        }
    }
}

/// Owns an OpenSSL key, private or public.
///
/// `@unchecked Sendable`: a key does not change after it has been read; every signature is made in a context of its own.
final class KeyHandle: @unchecked Sendable, CustomReflectable {
    private let raw: OpaquePointer
    let algorithm: SigningAlgorithm

    enum Half { case `private`, `public` }

    /// `pem`: PKCS#8 for the private half, SubjectPublicKeyInfo for the public one.
    convenience init(_ half: Half, pem: String, algorithm: SigningAlgorithm) throws(KeyFlaw) {
        guard let key = Self.read(half, pem) else { throw .unreadable }
        try self.init(owning: key, algorithm: algorithm)
    }

    /// A SubjectPublicKeyInfo, and nothing after it.
    convenience init(publicDER der: [UInt8], algorithm: SigningAlgorithm) throws(KeyFlaw) {
        guard let key = Self.read(der) else { throw .unreadable }
        try self.init(owning: key, algorithm: algorithm)
    }

    /// A public key as its bytes alone.
    convenience init(ed25519 bytes: [UInt8]) throws(KeyFlaw) {
        defer { ERR_clear_error() }
        guard let key = EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, bytes, bytes.count) else {
            throw .otherKind(.edDSA)
        }
        try self.init(owning: key, algorithm: .edDSA)
    }

    /// Takes `key` over, and frees it where it is of another kind.
    init(owning key: OpaquePointer, algorithm: SigningAlgorithm) throws(KeyFlaw) {
        guard Self.fits(key, algorithm) else {
            EVP_PKEY_free(key)
            throw .otherKind(algorithm)
        }
        raw = key
        self.algorithm = algorithm
    }

    deinit { EVP_PKEY_free(raw) }  // clears the key

    /// nil where the key cannot sign: it is a public one, or damaged.
    func signature(of data: [UInt8]) -> [UInt8]? {
        defer { ERR_clear_error() }
        let context = require(EVP_MD_CTX_new(), "EVP_MD_CTX_new")
        defer { EVP_MD_CTX_free(context) }
        var size = 0
        guard EVP_DigestSignInit_ex(context, nil, algorithm.digest, nil, nil, raw, nil) == 1,
            EVP_DigestSign(context, nil, &size, data, data.count) == 1
        else { return nil }
        var signature = [UInt8](repeating: 0, count: size)
        guard EVP_DigestSign(context, &signature, &size, data, data.count) == 1 else { return nil }
        signature.removeLast(signature.count - size)  // DER is shorter than the most it could be
        return algorithm == .es256 ? ECDSASignature.raw(fromDER: signature) : signature
    }

    func isValid(_ signature: [UInt8], for data: [UInt8]) -> Bool {
        let form = algorithm == .es256 ? ECDSASignature.der(fromRaw: signature) : signature
        guard let form else { return false }
        return verifies(form, of: data)
    }

    /// `signature` in OpenSSL's own form; `digest` nil: the algorithm's.
    func verifies(_ signature: [UInt8], of data: [UInt8], digest: String? = nil) -> Bool {
        defer { ERR_clear_error() }
        let context = require(EVP_MD_CTX_new(), "EVP_MD_CTX_new")
        defer { EVP_MD_CTX_free(context) }
        return EVP_DigestVerifyInit_ex(context, nil, digest ?? algorithm.digest, nil, nil, raw, nil) == 1
            && EVP_DigestVerify(context, signature, signature.count, data, data.count) == 1
    }

    /// Whether both have the same public half.
    func isPair(of other: KeyHandle) -> Bool { EVP_PKEY_eq(raw, other.raw) == 1 }

    private static func read(_ half: Half, _ pem: String) -> OpaquePointer? {
        defer { ERR_clear_error() }
        return Array(pem.utf8).withUnsafeBytes { bytes -> OpaquePointer? in
            guard !bytes.isEmpty, let size = Int32(exactly: bytes.count) else { return nil }
            let source = require(BIO_new_mem_buf(bytes.baseAddress, size), "BIO_new_mem_buf")
            defer { BIO_free(source) }
            return switch half {
            // Without an answer of ours OpenSSL would ask the terminal for a passphrase.
            case .private: PEM_read_bio_PrivateKey(source, nil, { _, _, _, _ in -1 }, nil)
            case .public: PEM_read_bio_PUBKEY(source, nil, { _, _, _, _ in -1 }, nil)
            }
        }
    }

    private static func read(_ der: [UInt8]) -> OpaquePointer? {
        defer { ERR_clear_error() }
        return der.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            guard let start = bytes.baseAddress, let size = Int(exactly: bytes.count) else { return nil }
            var end: UnsafePointer<UInt8>? = start
            guard let key = d2i_PUBKEY(nil, &end, size) else { return nil }
            guard end == start + size else {
                EVP_PKEY_free(key)
                return nil
            }
            return key
        }
    }

    private static func fits(_ key: OpaquePointer, _ algorithm: SigningAlgorithm) -> Bool {
        switch algorithm {
        case .edDSA: return EVP_PKEY_is_a(key, "ED25519") == 1
        case .rs256: return EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_get_bits(key) >= 2048
        case .es256:
            guard EVP_PKEY_is_a(key, "EC") == 1 else { return false }
            var name = [CChar](repeating: 0, count: 32)
            var length = 0
            guard EVP_PKEY_get_group_name(key, &name, name.count, &length) == 1 else { return false }
            return name.prefix(length).elementsEqual("prime256v1".utf8.map { CChar(bitPattern: $0) })
        }
    }

    var customMirror: Mirror { Mirror(self, children: []) }
}
