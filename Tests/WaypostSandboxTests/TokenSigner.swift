import COpenSSL

/// Signs tokens as a client of the stand-ins does, with the key that they hand out.
final class TokenSigner {
    struct Failed: Error {}

    private let key: OpaquePointer
    private let isRSA: Bool

    /// PKCS#8 in PEM.
    init(pem: String) throws {
        let bytes = Array(pem.utf8)
        let memory = BIO_new_mem_buf(bytes, Int32(bytes.count))
        defer { BIO_free(memory) }
        guard let key = PEM_read_bio_PrivateKey(memory, nil, nil, nil) else { throw Failed() }
        self.key = key
        isRSA = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA
    }

    deinit { EVP_PKEY_free(key) }

    /// The compact form, by ES256 or RS256 as the key is.
    func token(header: String, claims: String) -> String {
        let text = "\(Self.base64URL(Array(header.utf8))).\(Self.base64URL(Array(claims.utf8)))"
        let signature = sign(Array(text.utf8))
        return "\(text).\(Self.base64URL(isRSA ? signature : Self.raw(signature)))"
    }

    private func sign(_ text: [UInt8]) -> [UInt8] {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key)
        var count = 512
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = EVP_DigestSign(context, buffer.baseAddress, &count, text, text.count) == 1 ? count : 0
        }
    }

    /// r‖s, 32 bytes each, of a DER signature.
    private static func raw(_ der: [UInt8]) -> [UInt8] {
        var rest = der.dropFirst(2)
        var raw: [UInt8] = []
        for _ in 0..<2 {
            let length = Int(rest[rest.startIndex + 1])
            let digits = rest.dropFirst(2).prefix(length).drop { $0 == 0 }
            raw += Array(repeating: 0, count: 32 - digits.count) + digits
            rest = rest.dropFirst(2 + length)
        }
        return raw
    }

    static func base64URL(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        var text = ""
        var bits = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | Int(byte)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[bits >> count & 63])
            }
            bits &= 0xFF
        }
        if count > 0 { text.append(alphabet[bits << (6 - count) & 63]) }
        return text
    }
}

extension TokenSigner {
    /// As APNs wants it, with the word before it.
    func providerToken(issuedAt: Int64, team: String = "TEAM000001", keyID: String = "KEY0000001") -> String {
        let token = token(
            header: #"{"alg":"ES256","kid":"\#(keyID)"}"#, claims: #"{"iss":"\#(team)","iat":\#(issuedAt)}"#)
        return "bearer \(token)"
    }
}
