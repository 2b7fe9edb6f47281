import Testing
import WaypostJSON

@testable import WaypostCrypto

@Suite struct SigningKeyTests {
    private func es256() throws -> SigningKey {
        try SigningKey(pem: vectors("apns-es256-jwt").text("p8_pem"), algorithm: .es256)
    }

    private func googleKey() throws -> String {
        try #require(vectors("google-rs256-assertion")["service_account_json"]?["private_key"]?.string)
    }

    // MARK: Tokens

    @Test func `Google's assertion comes out byte for byte`() throws {
        let file = try vectors("google-rs256-assertion")
        let header = Array(try file.text("header_json").utf8)
        let claims = Array(try file.text("claims_json").utf8)
        let input = try file.text("signing_input")
        let key = try SigningKey(pem: googleKey(), algorithm: .rs256)
        let token = JSONWebToken.signed(header: header, claims: claims, by: key)
        #expect(try token == file.text("assertion"))
        #expect(token.hasPrefix(input + "."))
        #expect(try Hex.encode(key.signature(of: Array(input.utf8))) == file.text("signature_hex"))
        let publicKey = try VerifyingKey(pem: file.text("public_key_pem"), algorithm: .rs256)
        #expect(JSONWebToken.isValid(token, for: publicKey))
        #expect(!JSONWebToken.isValid(token.dropLast() + "A", for: publicKey))
    }

    @Test func `Apple's token of the file is valid, and so is each of our own`() throws {
        let file = try vectors("apns-es256-jwt")
        let header = Array(try file.text("header_json").utf8)
        let claims = Array(try file.text("claims_json").utf8)
        let input = try file.text("signing_input")
        let published = try file.text("token")
        let publicKey = try VerifyingKey(pem: file.text("public_key_pem"), algorithm: .es256)
        #expect(JSONWebToken.isValid(published, for: publicKey))
        let key = try es256()
        var seen: Set<String> = []
        for _ in 0..<300 {  // one in 128 has a half that is shorter than 32 bytes
            let token = JSONWebToken.signed(header: header, claims: claims, by: key)
            #expect(token.hasPrefix(input + "."))
            #expect(token.utf8.count == published.utf8.count)
            #expect(JSONWebToken.isValid(token, for: publicKey))
            seen.insert(token)
        }
        #expect(seen.count == 300)
    }

    @Test(arguments: 0..<3)
    func `a tampered token is not valid`(index: Int) throws {
        let file = try vectors("apns-es256-jwt")
        let publicKey = try VerifyingKey(pem: file.text("public_key_pem"), algorithm: .es256)
        let tampered = try #require(file["tampered_tokens_must_fail_verification"]?[index]?.string)
        #expect(!JSONWebToken.isValid(tampered, for: publicKey))
    }

    @Test(arguments: ["", ".", "..", "a.b", "a.b.c.d", "e30.e30."])
    func `what is no token is not valid`(text: String) throws {
        let publicKey = try VerifyingKey(pem: vectors("apns-es256-jwt").text("public_key_pem"), algorithm: .es256)
        #expect(!JSONWebToken.isValid(text, for: publicKey))
    }

    // MARK: Keys

    @Test func `a key of the other kind is told apart`() throws {
        let apple = try vectors("apns-es256-jwt").text("p8_pem")
        #expect(throws: KeyFlaw.otherKind(.rs256)) { try SigningKey(pem: apple, algorithm: .rs256) }
        let google = try googleKey()
        #expect(throws: KeyFlaw.otherKind(.es256)) { try SigningKey(pem: google, algorithm: .es256) }
        #expect(KeyFlaw.otherKind(.es256).complaint == "is not a P-256 key")
    }

    /// P-384, RSA of 1024 bits and an encrypted P-256 key, made for this test alone.
    @Test(arguments: [
        (P384.pem, SigningAlgorithm.es256, KeyFlaw.otherKind(.es256)),
        (RSA1024.pem, .rs256, .otherKind(.rs256)), (Encrypted.pem, .es256, .unreadable),
    ])
    func `a key that would not do is refused`(pem: String, algorithm: SigningAlgorithm, flaw: KeyFlaw) {
        #expect(throws: flaw) { try SigningKey(pem: pem, algorithm: algorithm) }
    }

    @Test(arguments: [
        "", "hunter2", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    ])
    func `what is no key is unreadable`(pem: String) {
        for algorithm in [SigningAlgorithm.rs256, .es256] {
            #expect(throws: KeyFlaw.unreadable) { try SigningKey(pem: pem, algorithm: algorithm) }
            #expect(throws: KeyFlaw.unreadable) { try VerifyingKey(pem: pem, algorithm: algorithm) }
        }
    }

    @Test func `the public half is no private key`() throws {
        let pem = try vectors("apns-es256-jwt").text("public_key_pem")
        #expect(throws: KeyFlaw.unreadable) { try SigningKey(pem: pem, algorithm: .es256) }
    }

    @Test func `a scalar that does not belong to the point is found out`() throws {
        let pem = try vectors("apns-es256-jwt").text("p8_pem")
        let body = pem.split(separator: "\n").dropFirst().dropLast().joined()
        var der = try #require(Base64.decode(body))
        der[50] ^= 1  // within the 32 bytes of the scalar
        let damaged = "-----BEGIN PRIVATE KEY-----\n\(Base64.encode(der))\n-----END PRIVATE KEY-----\n"
        #expect(throws: KeyFlaw.self) { try SigningKey(pem: damaged, algorithm: .es256) }
    }

    @Test func `keys are equal by what they are, not by how they are written`() throws {
        let pem = try vectors("apns-es256-jwt").text("p8_pem")
        #expect(try es256() == SigningKey(pem: "a comment\n" + pem + "\n", algorithm: .es256))
        #expect(try es256() != SigningKey(pem: googleKey(), algorithm: .rs256))
    }

    @Test func `a printed or dumped key shows nothing`() throws {
        let key = try es256()
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(!text.contains("RUWmFIhGtYaUvsSR") && !text.contains("4545a614") && !text.contains("0x"))
        }
    }

    @Test func `one key serves many threads at once`() async throws {
        let key = try es256()
        let publicKey = try VerifyingKey(pem: vectors("apns-es256-jwt").text("public_key_pem"), algorithm: .es256)
        await withTaskGroup(of: Bool.self) { group in
            for thread in 0..<4 {
                group.addTask {
                    (0..<50).allSatisfy { turn in
                        let data = Array("\(thread) \(turn)".utf8)
                        return publicKey.isValid(key.signature(of: data), for: data)
                    }
                }
            }
            for await right in group { #expect(right) }
        }
    }
}
