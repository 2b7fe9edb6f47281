import COpenSSL

/// How a text is signed (RFC 7518 section 3.1); the raw value is the word in a token's header.
package enum SigningAlgorithm: String, Sendable {
    /// RSASSA-PKCS1-v1_5 with SHA-256 and a key of at least 2048 bits.
    case rs256 = "RS256"
    /// ECDSA with P-256 and SHA-256; a signature is r and s, 64 bytes.
    case es256 = "ES256"
}

/// Why a text is no key, worded to follow the name of the place: `private_key is not PEM …`.
package enum KeyFlaw: Error, Equatable, Sendable {
    case unreadable, otherKind(SigningAlgorithm), inconsistent

    package var complaint: String {
        switch self {
        case .unreadable: "is not a key in PEM without a passphrase"
        case .otherKind(.rs256): "is not an RSA key of at least 2048 bits"
        case .otherKind(.es256): "is not a P-256 key"
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
    init(_ half: Half, pem: String, algorithm: SigningAlgorithm) throws(KeyFlaw) {
        guard let key = Self.read(half, pem) else { throw .unreadable }
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
        guard EVP_DigestSignInit_ex(context, nil, "SHA256", nil, nil, raw, nil) == 1,
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
        defer { ERR_clear_error() }
        let context = require(EVP_MD_CTX_new(), "EVP_MD_CTX_new")
        defer { EVP_MD_CTX_free(context) }
        return EVP_DigestVerifyInit_ex(context, nil, "SHA256", nil, nil, raw, nil) == 1
            && EVP_DigestVerify(context, form, form.count, data, data.count) == 1
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

    private static func fits(_ key: OpaquePointer, _ algorithm: SigningAlgorithm) -> Bool {
        switch algorithm {
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
