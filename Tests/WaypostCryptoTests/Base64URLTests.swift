import Testing

@testable import WaypostCrypto

@Suite struct Base64URLTests {
    /// RFC 4648 section 10 without padding, and bytes that need the two letters of its own.
    @Test(arguments: [
        ([], ""), (Array("f".utf8), "Zg"), (Array("fo".utf8), "Zm8"), (Array("foo".utf8), "Zm9v"),
        ([0xFB, 0xFF, 0xBF], "-_-_"),
    ])
    func `the RFC's examples go both ways`(bytes: [UInt8], text: String) {
        #expect(Base64URL.encode(bytes) == text)
        #expect(Base64URL.decode(text) == bytes)
    }

    @Test func `every length comes back`() {
        for count in 0...300 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 11 &+ count) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
    }

    @Test(arguments: ["Zg==", "+/+/", "Z", "Zh", "Zm9", "Zm 9v", "Zm9v\n", "é"])
    func `what encode never writes is refused`(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }
}
