import Testing

@testable import WaypostCrypto

@Suite struct SecureRandomTests {
    @Test func `as many bytes come as were asked for, and never the same`() {
        #expect(SecureRandom.bytes(0).isEmpty)
        #expect(SecureRandom.bytes(33).count == 33)
        #expect(SecureRandom.bytes(16) != SecureRandom.bytes(16))
    }
}
