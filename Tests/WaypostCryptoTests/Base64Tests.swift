import Testing

@testable import WaypostCrypto

@Suite struct Base64Tests {
    /// RFC 4648 section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func `the RFC's examples go both ways`(text: String, base64: String) {
        #expect(Base64.encode(Array(text.utf8)) == base64)
        #expect(Base64.decode(base64) == Array(text.utf8))
        #expect(Base64.isCanonical(base64))
        #expect(Base64.decodedSize(of: base64) == text.utf8.count)
    }

    @Test func `every length and every byte comes back`() {
        for count in 0...300 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ count) }
            let text = Base64.encode(bytes)
            #expect(Base64.isCanonical(text))
            #expect(Base64.decode(text) == bytes)
        }
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "====", "=", "Zm9v=", "Zg==Zg==", "Zh==", "Zm9=", "Zm9vYmE", "Zm 9v", "Zm9v\n",
        " Zm9v",
        "Zm-_", "Zm9é", "Z=g=", "=m9v", "Zm9v\0\0\0\0",
    ])
    func `what encode never writes is not canonical`(text: String) {
        #expect(!Base64.isCanonical(text))
        #expect(Base64.decode(text) == nil)
    }
}
