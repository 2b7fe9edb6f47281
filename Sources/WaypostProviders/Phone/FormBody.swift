/// A body of `application/x-www-form-urlencoded`: pairs in the order given; a name that stands for a list is repeated.
///
/// https://url.spec.whatwg.org/#application/x-www-form-urlencoded
struct FormBody: Equatable, Sendable {
    static let contentType = "application/x-www-form-urlencoded"

    private(set) var bytes: [UInt8] = []

    mutating func add(_ name: String, _ value: String) {
        if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
        append(name)
        bytes.append(UInt8(ascii: "="))
        append(value)
    }

    /// Left out when nil.
    mutating func add(_ name: String, ifPresent value: String?) {
        if let value { add(name, value) }
    }

    mutating func add(_ name: String, ifPresent flag: Bool?) {
        if let flag { add(name, flag ? "true" : "false") }
    }

    /// A pair for each value.
    mutating func add(_ name: String, each values: [String]) {
        for value in values { add(name, value) }
    }

    private mutating func append(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                bytes.append(byte)
            case UInt8(ascii: " "): bytes.append(UInt8(ascii: "+"))
            default:
                bytes.append(UInt8(ascii: "%"))
                for digit in [byte >> 4, byte & 15] { bytes.append(digit < 10 ? 0x30 + digit : 0x37 + digit) }
            }
        }
    }
}
