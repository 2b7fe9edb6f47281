extension String {
    /// E.164: `+` and 7 to 15 digits, the first of them not 0.
    var isE164: Bool { utf8.first == UInt8(ascii: "+") && String(dropFirst()).isMSISDN }

    /// E.164 without its `+`.
    var isMSISDN: Bool { (7...15).contains(utf8.count) && isDigits && utf8.first != UInt8(ascii: "0") }

    var isDigits: Bool { !isEmpty && utf8.allSatisfy { (0x30...0x39).contains($0) } }

    /// So many digits of base 16, in lower or upper case.
    func isHexadecimal(_ count: Int) -> Bool { utf8.count == count && isHexadecimal }

    var isHexadecimal: Bool {
        !isEmpty
            && utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
                default: false
                }
            }
    }

    /// A sender's name in place of a number: at most 11 letters, digits and blanks, a letter among them.
    var isSenderName: Bool {
        (1...11).contains(utf8.count)
            && utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x20: true
                default: false
                }
            } && utf8.contains { $0 >= 0x41 }
    }
}
