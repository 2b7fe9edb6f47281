import Testing

@testable import WaypostCrypto

@Suite struct VerifyingKeyTests {
    /// The key and the signature of the tests of SendGrid's own library.
    private static let key =
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8e"
        + "NEc6wEA3F+g=="

    private func der(_ text: String = Self.key) throws -> [UInt8] { try #require(Base64.decode(text)) }

    @Test func `a key in DER is the key in PEM`() throws {
        let pem = try vectors("apns-es256-jwt").text("public_key_pem")
        let body = pem.split(separator: "\n").dropFirst().dropLast().joined()
        let key = try VerifyingKey(der: der(body), algorithm: .es256)
        let signer = try SigningKey(pem: vectors("apns-es256-jwt").text("p8_pem"), algorithm: .es256)
        let signature = signer.signature(of: [1, 2, 3])
        #expect(key.isValid(signature, for: [1, 2, 3]))
        let inDER = try #require(ECDSASignature.der(fromRaw: signature))
        #expect(key.isValid(der: inDER, for: [1, 2, 3]))
        #expect(!key.isValid(der: inDER, for: [1, 2]))
        #expect(!key.isValid(der: signature, for: [1, 2, 3]))
        #expect(!key.isValid(der: inDER + [0], for: [1, 2, 3]))
        #expect(!key.isValid(der: [], for: [1, 2, 3]))
        #expect(!key.isValid(sha1: inDER, for: [1, 2, 3]))
    }

    @Test func `what is no whole key is unreadable`() throws {
        for bytes in try [[], [0x30], der() + [0], Array(der().dropLast()), der().map { _ in 0 }] {
            #expect(throws: KeyFlaw.unreadable) { try VerifyingKey(der: bytes, algorithm: .es256) }
        }
        let bytes = try der()
        #expect(throws: KeyFlaw.otherKind(.rs256)) { try VerifyingKey(der: bytes, algorithm: .rs256) }
    }

    /// RFC 8032, section 7.1, tests 1 to 3.
    @Test(arguments: [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe"
                + "24655141438e7a100b"
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302a"
                + "eeb00d291612bb0c00"
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28"
                + "dc027beceea1ec40a"
        ),
    ])
    func `Ed25519 as in RFC 8032`(key: String, text: String, signature: String) throws {
        let key = try VerifyingKey(ed25519: #require(Hex.decode(key)))
        var signature = try #require(Hex.decode(signature))
        let text = try #require(Hex.decode(text))
        #expect(key.isValid(signature, for: text))
        #expect(!key.isValid(signature, for: text + [0]))
        signature[5] ^= 1
        #expect(!key.isValid(signature, for: text))
        #expect(!key.isValid(der: signature, for: text))
    }

    @Test func `another size is no Ed25519 key`() {
        for size in [0, 31, 33] {
            #expect(throws: KeyFlaw.otherKind(.edDSA)) {
                try VerifyingKey(ed25519: [UInt8](repeating: 1, count: size))
            }
        }
    }
}
