import Testing
import WaypostJSON

@testable import WaypostCrypto

@Suite struct ECDSASignatureTests {
    @Test(arguments: 0..<6)
    func `DER becomes r and s of 32 bytes each, and back`(index: Int) throws {
        let file = try vectors("apns-es256-jwt")
        let item = try #require(file["der_to_raw"]?[index])
        let der = try #require(Hex.decode(item.text("der_hex")))
        let raw = try #require(Hex.decode(item.text("raw_hex")))
        #expect(ECDSASignature.raw(fromDER: der) == raw)
        #expect(ECDSASignature.der(fromRaw: raw) == der)
        let key = try VerifyingKey(pem: file.text("public_key_pem"), algorithm: .es256)
        let message = Array(try item.text("message").utf8)
        #expect(key.isValid(raw, for: message))
        #expect(!key.isValid(der, for: message))
    }

    @Test func `all cases of the file are tried`() throws {
        let file = try vectors("apns-es256-jwt")
        #expect(file["der_to_raw"]?.array?.count == 6)
        #expect(file["der_malformed_must_reject"]?.array?.count == 5)
    }

    @Test(arguments: 0..<5)
    func `malformed DER of the file is refused`(index: Int) throws {
        let item = try #require(vectors("apns-es256-jwt")["der_malformed_must_reject"]?[index])
        let der = try #require(Hex.decode(item.text("der_hex")))
        let why = try item.text("why")
        #expect(ECDSASignature.raw(fromDER: der) == nil, "\(why)")
    }

    @Test(arguments: [
        ("a negative r", "3006020180020101"), ("a zero r", "3006020100020101"),
        ("a zero that nothing needs", "300702020001020101"), ("an empty integer", "30050200020101"),
        ("a length in the long form", "308106020101020101"), ("a third integer", "3009020101020101020101"),
        ("s missing", "3003020101"), ("an octet string", "3006020101040101"), ("one byte", "30"),
        ("33 bytes without a leading zero", "302602217f" + String(repeating: "01", count: 32) + "020101"),
    ])
    func `other malformed DER is refused`(why: String, hex: String) throws {
        let der = try #require(Hex.decode(hex))
        #expect(ECDSASignature.raw(fromDER: der) == nil, "\(why)")
    }

    @Test func `no cut and no flipped length of a good signature is taken`() throws {
        let hex = try #require(vectors("apns-es256-jwt").at("der_to_raw", 5)?["der_hex"]?.string)
        let der = try #require(Hex.decode(hex))
        for count in 0..<der.count { #expect(ECDSASignature.raw(fromDER: Array(der.prefix(count))) == nil) }
        for place in [1, 3, 2 + 2 + 33 + 1] {
            for change in [-1, 1] {
                var other = der
                other[place] = UInt8(Int(other[place]) + change)
                #expect(ECDSASignature.raw(fromDER: other) == nil)
            }
        }
    }

    @Test func `r and s have 64 bytes`() {
        for count in [0, 63, 65, 72] {
            #expect(ECDSASignature.der(fromRaw: [UInt8](repeating: 1, count: count)) == nil)
        }
    }
}

extension JSONValue {
    fileprivate func at(_ name: String, _ index: Int) -> JSONValue? { self[name]?[index] }
}
