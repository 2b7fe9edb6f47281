import COpenSSL

/// A private key that OpenSSL made for this run. It protects a sandbox and nothing else.
///
/// `@unchecked Sendable`: the key does not change once it is made, and OpenSSL lets many threads use one.
final class PrivateKey: @unchecked Sendable {
    enum Kind: Sendable {
        /// ECDSA on P-256: certificates, and ES256.
        case p256
        /// RSA of 2048 bits: RS256.
        case rsa
    }

    let pointer: OpaquePointer

    /// An RSA key takes a tenth of a second to make, so all sandboxes of a process share one.
    static let sharedRSA = Result { () throws(TLSFailure) in try PrivateKey(.rsa) }

    init(_ kind: Kind) throws(TLSFailure) {
        let context = EVP_PKEY_CTX_new_id(kind == .p256 ? EVP_PKEY_EC : EVP_PKEY_RSA, nil)
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_keygen_init(context) == 1 else { throw TLSFailure("no key could be made") }
        let isShaped =
            switch kind {
            case .p256: EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1
            case .rsa: EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048) == 1
            }
        var key: OpaquePointer?
        guard isShaped, EVP_PKEY_generate(context, &key) == 1, let key else {
            throw TLSFailure("no key could be made")
        }
        pointer = key
    }

    /// PKCS#8 or another form that PEM names, not encrypted.
    init(pem: String) throws(TLSFailure) {
        let bytes = Array(pem.utf8)
        let memory = BIO_new_mem_buf(bytes, Int32(clamping: bytes.count))
        defer { BIO_free(memory) }
        guard let key = PEM_read_bio_PrivateKey(memory, nil, nil, nil) else {
            throw TLSFailure("the private key is no PEM that could be read")
        }
        pointer = key
    }

    deinit { EVP_PKEY_free(pointer) }

    /// PKCS#8, not encrypted.
    func pem() throws(TLSFailure) -> String {
        let memory = BIO_new(BIO_s_mem())
        defer { BIO_free(memory) }
        guard PEM_write_bio_PKCS8PrivateKey(memory, pointer, nil, nil, 0, nil, nil) == 1 else {
            throw TLSFailure("no PEM could be written")
        }
        return String(bio: memory)
    }

    /// DER of the SubjectPublicKeyInfo.
    var publicKey: [UInt8] {
        var encoded: UnsafeMutablePointer<UInt8>?
        let count = i2d_PUBKEY(pointer, &encoded)
        defer { CRYPTO_free(encoded, nil, 0) }
        return count > 0 ? Array(UnsafeBufferPointer(start: encoded, count: Int(count))) : []
    }

    /// With SHA-256 or SHA-1: DER for P-256, PKCS#1 v1.5 for RSA. nil where the machine's policy forbids it.
    func signature(of text: [UInt8], isSHA1: Bool = false) -> [UInt8]? {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var count = 0
        guard EVP_DigestSignInit(context, nil, isSHA1 ? EVP_sha1() : EVP_sha256(), nil, pointer) == 1,
            EVP_DigestSign(context, nil, &count, text, text.count) == 1
        else { return nil }
        var signature = [UInt8](repeating: 0, count: count)
        guard EVP_DigestSign(context, &signature, &count, text, text.count) == 1 else { return nil }
        return Array(signature.prefix(count))
    }

    /// Whether the key made that signature, with SHA-256: DER for P-256, PKCS#1 v1.5 for RSA.
    func verifies(_ signature: [UInt8], of text: [UInt8]) -> Bool {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        ERR_clear_error()
        return EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, pointer) == 1
            && EVP_DigestVerify(context, signature, signature.count, text, text.count) == 1
    }

    /// As `verifies`, for the 64 bytes r‖s that ES256 puts in place of DER (RFC 7518 section 3.4).
    func verifiesES256(_ signature: [UInt8], of text: [UInt8]) -> Bool {
        guard signature.count == 64 else { return false }
        let integers = Self.integer(signature[..<32]) + Self.integer(signature[32...])
        return verifies([0x30, UInt8(integers.count)] + integers, of: text)
    }

    /// A DER INTEGER: without leading zeros, but with one where the number would look negative.
    private static func integer(_ half: ArraySlice<UInt8>) -> [UInt8] {
        var digits = Array(half.drop { $0 == 0 })
        if digits.isEmpty || digits[0] >= 0x80 { digits.insert(0, at: 0) }
        return [0x02, UInt8(digits.count)] + digits
    }
}

extension String {
    /// All that is in the memory BIO.
    init(bio: OpaquePointer?) {
        let pending = BIO_ctrl_pending(bio)
        let bytes = [UInt8](unsafeUninitializedCapacity: pending) { buffer, read in
            read = Swift.max(0, Int(BIO_read(bio, buffer.baseAddress, Int32(clamping: pending))))
        }
        self = String(decoding: bytes, as: UTF8.self)
    }
}
