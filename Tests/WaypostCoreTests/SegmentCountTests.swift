import Testing
import WaypostCore

@Suite struct SegmentCountTests {
    private static func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    @Test(arguments: [
        ("", SegmentCount.Encoding.gsm7, 1, 0), ("Hello", .gsm7, 1, 5), (repeated("a", 160), .gsm7, 1, 160),
        (repeated("a", 161), .gsm7, 2, 161), (repeated("a", 306), .gsm7, 2, 306), (repeated("a", 307), .gsm7, 3, 307),
        // An escape and its letter take two.
        (repeated("€", 80), .gsm7, 1, 80), (repeated("€", 81), .gsm7, 2, 81), (repeated("a", 158) + "{", .gsm7, 1, 159),
        (repeated("a", 159) + "{", .gsm7, 2, 160),
        // 153 is odd: each part of pairs alone holds 76 of them.
        (repeated("€", 152), .gsm7, 2, 152), (repeated("€", 153), .gsm7, 3, 153),
        (repeated("a", 152) + "€" + repeated("a", 151), .gsm7, 2, 304),
        (repeated("a", 152) + "€" + repeated("a", 152), .gsm7, 3, 305),
        ("Grüße, ÄÖÜß, Ç, Øø, §¿¡, ΔΦΓΛΩΠΨΣΘΞ@£$¥_\r\n", .gsm7, 1, 42),
        // Beyond the alphabet.
        ("ç", .ucs2, 1, 1), ("`", .ucs2, 1, 1), ("\t", .ucs2, 1, 1), (repeated("я", 70), .ucs2, 1, 70),
        (repeated("я", 71), .ucs2, 2, 71), (repeated("я", 134), .ucs2, 2, 134), (repeated("я", 135), .ucs2, 3, 135),
        // A surrogate pair is two units, and 67 is odd.
        (repeated("😀", 35), .ucs2, 1, 35), (repeated("😀", 36), .ucs2, 2, 36), (repeated("😀", 66), .ucs2, 2, 66),
        (repeated("😀", 67), .ucs2, 3, 67), ("👨‍👩‍👧", .ucs2, 1, 5),
    ])
    func `a text is cut where its alphabet has room`(
        text: String, encoding: SegmentCount.Encoding, segments: Int, characters: Int
    ) {
        let count = SegmentCount(of: text)
        #expect(count.encoding == encoding)
        #expect(count.segments == segments)
        #expect(count.characters == characters)
    }
}
