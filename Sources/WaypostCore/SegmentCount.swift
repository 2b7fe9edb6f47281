/// Into how many parts a text message is cut on its way, which is what it is billed by.
///
/// GSM 03.38 (3GPP TS 23.038 section 6.2.1): 160 septets alone, or 153 in each part of several, the rest of which
/// goes to the header that joins them (TS 23.040 section 9.2.3.24.1). A text with a letter beyond that alphabet goes out in
/// UCS-2: 70 units of 16 bits, or 67. What takes two units, an escape and its letter or a surrogate pair, is never cut apart.
package struct SegmentCount: Equatable, Sendable {
    package enum Encoding: String, CaseIterable, Sendable {
        case gsm7 = "gsm-7"
        case ucs2 = "ucs-2"

        /// Units that one part takes alone, and as one of several.
        var room: (alone: Int, joined: Int) {
            switch self {
            case .gsm7: (160, 153)
            case .ucs2: (70, 67)
            }
        }
    }

    package let encoding: Encoding
    /// At least 1.
    package let segments: Int
    /// As people count: Unicode scalars.
    package let characters: Int

    package init(of text: String) {
        var characters = 0
        var isGSM = true
        for scalar in text.unicodeScalars {
            characters += 1
            if isGSM, GSMAlphabet.septets(of: scalar) == nil { isGSM = false }
        }
        self.characters = characters
        encoding = isGSM ? .gsm7 : .ucs2
        segments =
            isGSM
            ? Self.parts(text.unicodeScalars.lazy.map { GSMAlphabet.septets(of: $0) ?? 1 }, encoding.room)
            : Self.parts(text.unicodeScalars.lazy.map { UTF16.width($0) }, encoding.room)
    }

    private static func parts(_ widths: some Sequence<Int>, _ room: (alone: Int, joined: Int)) -> Int {
        var total = 0
        var parts = 1
        var used = 0
        for width in widths {
            total += width
            if used + width > room.joined {
                parts += 1
                used = 0
            }
            used += width
        }
        return total <= room.alone ? 1 : parts
    }
}
