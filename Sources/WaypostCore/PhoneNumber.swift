/// A telephone number in E.164: `+` and 7 to 15 digits, the first of them not 0.
///
/// https://www.itu.int/rec/T-REC-E.164
package struct PhoneNumber: Hashable, Sendable, CustomStringConvertible {
    /// With the `+`, without blanks.
    package let text: String

    /// Why a text is no number, worded to follow its name.
    package struct Flaw: Error, Equatable, Sendable {
        package let complaint: String
    }

    /// Reads a number as people write it: blanks, dots, hyphens, slashes and parentheses between the digits are dropped.
    package init(_ text: String) throws(Flaw) {
        var digits: [UInt8] = []
        var rest = text.utf8[...]
        while let first = rest.first, first == UInt8(ascii: " ") { rest.removeFirst() }
        guard rest.first == UInt8(ascii: "+") else {
            throw Flaw(complaint: "must begin with + and the country code (E.164), like +14155550100")
        }
        for byte in rest.dropFirst() {
            switch byte {
            case 0x30...0x39: digits.append(byte)
            case UInt8(ascii: " "), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "("),
                UInt8(ascii: ")"):
                continue
            default: throw Flaw(complaint: "must hold digits alone after the + (E.164), like +14155550100")
            }
        }
        guard digits.first != UInt8(ascii: "0") else {
            throw Flaw(complaint: "must not have a 0 after the +: no country code begins with one")
        }
        guard (7...15).contains(digits.count) else {
            throw Flaw(complaint: "must have 7 to 15 digits (E.164), not \(digits.count)")
        }
        self.text = "+" + String(decoding: digits, as: UTF8.self)
    }

    /// For what was checked before.
    package init(unchecked text: String) { self.text = text }

    package var description: String { text }

    /// Without the `+`: MSISDN.
    package var digits: Substring { text.hasPrefix("+") ? text.dropFirst() : text[...] }
}
