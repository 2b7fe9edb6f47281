import Testing
import WaypostCore

@Suite struct ULIDTests {
    @Test(arguments: [
        (UInt64.min, UInt64.min, "00000000000000000000000000"), (.max, .max, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"),
        (0, 1, "00000000000000000000000001"), (0, 31, "0000000000000000000000000Z"),
        (0, 32, "00000000000000000000000010"),
        (1, 0, "0000000000000G000000000000"),
        (0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210, "014D2PF2DBSQQZXQ5TK1V58CGG"),
    ])
    func `the text is base 32 of the 128 bits`(high: UInt64, low: UInt64, text: String) {
        let id = ULID(high: high, low: low)
        var written: [UInt8] = []
        id.write(to: &written)
        #expect(String(decoding: written, as: UTF8.self) == text)
        #expect(ULID(text.utf8) == id)
        #expect(ULID(text.lowercased().utf8) == id)
    }

    @Test(arguments: [
        "", "0", "0000000000000000000000000", "000000000000000000000000000", "80000000000000000000000000",
        "ZZZZZZZZZZZZZZZZZZZZZZZZZZ", "0000000000000I000000000000", "0000000000000L000000000000",
        "0000000000000O000000000000",
        "0000000000000U000000000000", "0000000000000-000000000000", "0000000000000 000000000000",
        "000000000000é000000000000",
        "\u{10}0000000000000000000000000", "0000000000000000000000000\u{19}", "0000000000000000000000000\u{0}",
        "@0000000000000000000000000",
        "`0000000000000000000000000", "{0000000000000000000000000", "[0000000000000000000000000",
    ])
    func `anything else is none`(text: String) {
        #expect(ULID(text.utf8) == nil)
    }

    @Test func `every byte is read or refused, and none traps`() {
        for byte in UInt8.min ... .max {
            let read = ULID([UInt8](repeating: 0x30, count: 25) + [byte])
            let isLetter = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz".utf8.contains(byte)
            #expect((read != nil) == isLetter, "byte \(byte)")
        }
    }

    @Test func `a new one carries its moment and sorts by it`() {
        let moment = Timestamp(milliseconds: 1_790_000_000_123)
        let earlier = ULID(at: moment)
        let later = ULID(at: Timestamp(milliseconds: moment.milliseconds + 1))
        #expect(earlier.createdAt == moment)
        #expect(earlier < later)
        #expect(MessageID(earlier).description < MessageID(later).description)
        #expect(ULID(at: moment) != ULID(at: moment))
    }

    @Test func `an identifier wears its prefix`() {
        let id = MessageID(at: Timestamp(milliseconds: 1))
        #expect(id.description.utf8.count == 30)
        #expect(id.description.hasPrefix("msg_0000000001"))
        #expect(MessageID(id.description) == id)
        #expect(AttemptID(id.description) == nil)
        #expect(MessageID("msg_") == nil)
        #expect(MessageID("msg_\u{10}0000000000000000000000000") == nil)
        #expect(MessageID("0000000001" + String(repeating: "0", count: 16)) == nil)
    }
}
