import Testing

@testable import WaypostCrypto

@Suite struct HexTests {
    @Test func `every byte comes back`() {
        let bytes = [UInt8](0...255)
        #expect(Hex.decode(Hex.encode(bytes)) == bytes)
        #expect(Hex.decode(Hex.encode(bytes).uppercased()) == bytes)
        #expect(Hex.encode([0x00, 0x0F, 0xA0, 0xFF]) == "000fa0ff")
    }

    @Test(arguments: ["0", "0g", "0x00", " 00", "00 ", "é0", "::", "``", "//"])
    func `anything but pairs of digits is refused`(text: String) {
        #expect(Hex.decode(text) == nil)
    }
}
