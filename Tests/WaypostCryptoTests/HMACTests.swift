import Testing

@testable import WaypostCrypto

@Suite struct HMACTests {
    /// RFC 4231, test cases 1 to 4, 6 and 7 (5 truncates its output).
    static let published: [(key: [UInt8], data: [UInt8], code: String)] = [
        (
            [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            Array(1...25), [UInt8](repeating: 0xCD, count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131),
            Array(
                ("This is a test using a larger than block-size key and a larger than block-size data. "
                    + "The key needs to be hashed before being used by the HMAC algorithm.").utf8),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ]

    @Test(arguments: 0..<6)
    func `the codes of RFC 4231 come out`(index: Int) {
        let (key, data, code) = Self.published[index]
        #expect(Hex.encode(HMAC.sha256(key: key, data)) == code)
        #expect(HMACKey(key).isValid(HMAC.sha256(key: key, data), for: data))
    }

    /// RFC 2202 section 3 for SHA-1, RFC 4231 for the others: each one's test cases 1, 2 and 6.
    static let otherHashes: [(hash: HMAC.Hash, codes: [String])] = [
        (
            .sha1,
            [
                "b617318655057264e28bc0b6fb378c8ef146be00", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
                "aa4ae5e15272d00e95705637ce8a3b55ed402112",
            ]
        ),
        (
            .sha384,
            [
                "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
                "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
                "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952",
            ]
        ),
        (
            .sha512,
            [
                "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
                    + "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                    + "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
                "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
                    + "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
            ]
        ),
    ]

    @Test(arguments: 0..<3)
    func `the other hashes' published codes come out`(index: Int) {
        let (hash, codes) = Self.otherHashes[index]
        for (row, code) in zip([0, 1, 4], codes) {
            var (key, data, _) = Self.published[row]
            // RFC 2202 tries a key of 80 bytes, and calls it so in the text as RFC 4231 does.
            if hash == .sha1, row == 4 { key = [UInt8](repeating: 0xAA, count: 80) }
            #expect(Hex.encode(HMACKey(key, hash: hash).authenticate(data)) == code)
            data.append(0)
            #expect(Hex.encode(HMACKey(key, hash: hash).authenticate(data)) != code)
        }
    }

    @Test func `an empty key and an empty text are taken`() {
        let code = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
        #expect(Hex.encode(HMAC.sha256(key: [], [])) == code)
    }

    @Test func `one key serves many threads at once`() async {
        let key = HMACKey(Array("shared".utf8))
        let expected = (0..<64).map { HMAC.sha256(key: Array("shared".utf8), [UInt8($0)]) }
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<2000).allSatisfy { key.authenticate([UInt8($0 % 64)]) == expected[$0 % 64] }
                }
            }
            for await right in group { #expect(right) }
        }
    }

    @Test func `a printed or dumped key shows nothing`() {
        let key = HMACKey(Array("very-secret".utf8))
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] { #expect(!text.contains("very-secret")) }
    }

    @Test func `a wrong or cut code is not valid`() {
        let key = HMACKey([1])
        var code = key.authenticate([2])
        #expect(!key.isValid(Array(code.dropLast()), for: [2]))
        #expect(!key.isValid([], for: [2]))
        code[31] ^= 1
        #expect(!key.isValid(code, for: [2]))
    }
}
