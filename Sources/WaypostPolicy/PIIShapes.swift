import WaypostCore

/// An email address in running text: what people use, not all that RFC 5321 allows.
enum EmailShape {
    /// - Parameter start: what lies before it belongs to another finding.
    static func range(in text: [Unicode.Scalar], at sign: Int, after start: Int) -> Range<Int>? {
        var first = sign
        while first > start, isLocal(text[first - 1]) { first -= 1 }
        while first < sign, ".-'+%".unicodeScalars.contains(text[first]) { first += 1 }
        guard first < sign, sign - first <= 64, text[sign - 1] != "." else { return nil }
        // Who logs in at a URL, and what an HTML mail calls its own pictures.
        guard !isWithinAuthority(text, first), !text[..<first].suffix(4).elementsEqual("cid:".unicodeScalars) else {
            return nil
        }
        var end = sign + 1
        while end < text.count, isDomain(text[end]) { end += 1 }
        while end > sign + 1, text[end - 1] == "." || text[end - 1] == "-" { end -= 1 }
        let labels = text[(sign + 1)..<end].split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2, let last = labels.last, last.count >= 2, last.allSatisfy({ !$0.isDigit }),
            labels.allSatisfy({ !$0.isEmpty && $0.count <= 63 && $0.first != "-" && $0.last != "-" }),
            !files.contains(String(String.UnicodeScalarView(last)).lowercased())
        else { return nil }
        return first..<end
    }

    /// `logo@2x.png` is a picture.
    private static let files: Set<String> = ["png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "pdf", "html"]

    private static func isLocal(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isDigit || scalar.isLetter || "._%+-'".unicodeScalars.contains(scalar) || isForeign(scalar)
    }

    private static func isDomain(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isDigit || scalar.isLetter || scalar == "." || scalar == "-" || isForeign(scalar)
    }

    private static func isForeign(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x80 && scalar.properties.isAlphabetic
    }

    /// Whether nothing but a name and a password stand between there and a `://`.
    private static func isWithinAuthority(_ text: [Unicode.Scalar], _ place: Int) -> Bool {
        var slash = place
        while slash > max(0, place - 200), isLocal(text[slash - 1]) || text[slash - 1] == ":" { slash -= 1 }
        return text[..<slash].suffix(3).elementsEqual("://".unicodeScalars)
    }
}

/// A payment card's number (ISO/IEC 7812): the makers' prefixes and lengths, the check digit of Luhn, written in one or in
/// the groups that stand on cards.
enum CardShape {
    static func end(in text: [Unicode.Scalar], at start: Int) -> Int? {
        guard text[start].isDigit else { return nil }
        let (digits, lengths, ends) = DigitShape.groups(in: text, at: start, separators: [" ", "-"])
        // Digits of something else may follow after a blank.
        for count in lengths.indices.reversed() where isGrouped(lengths[...count]) {
            let number = digits.prefix(lengths[...count].reduce(0, +))
            if isIssued(number), isLuhn(number) { return ends[count] }
        }
        return nil
    }

    private static func isGrouped(_ lengths: ArraySlice<Int>) -> Bool {
        lengths.count == 1 || [[4, 4, 4, 4], [4, 6, 5], [4, 6, 4], [4, 4, 4, 4, 3]].contains(Array(lengths))
    }

    private static func isIssued(_ digits: ArraySlice<UInt8>) -> Bool {
        guard (12...19).contains(digits.count) else { return false }
        let head = digits.prefix(4).reduce(0) { $0 * 10 + Int($1) }
        switch head {
        case 4000...4999: return [13, 16, 19].contains(digits.count)  // Visa
        case 5018, 5020, 5038, 5893, 6304, 6759, 6761...6763: return true  // Maestro
        case 5100...5599, 2221...2720: return digits.count == 16  // Mastercard
        case 3400...3499, 3700...3799: return digits.count == 15  // American Express
        case 3000...3059, 3095, 3600...3699, 3800...3999: return (14...19).contains(digits.count)  // Diners Club
        // JCB, Discover, UnionPay
        case 3528...3589, 6011, 6200...6299, 6440...6599, 8100...8199: return digits.count >= 16
        default: return false
        }
    }

    private static func isLuhn(_ digits: ArraySlice<UInt8>) -> Bool {
        let sum = digits.reversed().enumerated().reduce(0) { sum, digit in
            let value = Int(digit.element) << (digit.offset & 1)
            return sum + (value > 9 ? value - 9 : value)
        }
        return sum % 10 == 0
    }
}

/// A social security number of the United States: three, two and four digits with hyphens or blanks between.
///
/// Area 000, 666 and from 900 on, group 00 and serial 0000 were never given out (SSA, POMS RM 10201.035); two numbers are
/// known from advertisements.
enum SSNShape {
    static func end(in text: [Unicode.Scalar], at start: Int) -> Int? {
        guard text[start].isDigit else { return nil }
        let (digits, lengths, ends) = DigitShape.groups(in: text, at: start, separators: [" ", "-"])
        guard lengths == [3, 2, 4] else { return nil }
        let number = digits.reduce(0) { $0 * 10 + Int($1) }
        let (area, group, serial) = (number / 1_000_000, number / 10_000 % 100, number % 10_000)
        guard area != 0, area != 666, area < 900, group != 0, serial != 0, number != 78_051_120, number != 219_099_999
        else { return nil }
        return ends[2]
    }
}

/// A phone number: in E.164 with its plus, blanks and the like allowed; or as it is written in the United States and Canada,
/// where something must part area, exchange and line, since ten digits may be anything.
enum PhoneShape {
    static func end(in text: [Unicode.Scalar], at start: Int) -> Int? {
        text[start] == "+" ? international(text, start + 1) : national(text, start)
    }

    private static func international(_ text: [Unicode.Scalar], _ start: Int) -> Int? {
        var digits = ""
        var end = start
        var place = start
        var gap = 0
        // A number of North America has eleven; what follows after a blank is another.
        while place < text.count, digits.utf8.count < (digits.hasPrefix("1") ? 11 : 16) {
            if text[place].isDigit {
                digits.unicodeScalars.append(text[place])
                gap = 0
                end = place + 1
            } else if " .-()/\u{A0}".unicodeScalars.contains(text[place]), gap < 2 {
                gap += 1
            } else {
                break
            }
            place += 1
        }
        // The shortest that a mobile phone has anywhere have nine.
        guard (9...15).contains(digits.utf8.count), digits.utf8.first != UInt8(ascii: "0") else { return nil }
        let number = PhoneNumber(unchecked: "+" + digits)
        guard number.country != nil else { return nil }
        guard digits.utf8.first == UInt8(ascii: "1") else { return end }
        return isNorthAmerican(Array(digits.utf8.dropFirst())) ? end : nil
    }

    /// `(415) 555-0100`, `415-555-0100`, `415.555.0100`, `1 415 555 0100`.
    private static func national(_ text: [Unicode.Scalar], _ start: Int) -> Int? {
        if text[start] == "(" { return inParentheses(text, start) }
        let (digits, lengths, ends) = DigitShape.groups(in: text, at: start, separators: [" ", "-", "."])
        if lengths.starts(with: [3, 3, 4]) {
            return isNorthAmerican(digits.prefix(10).map { $0 + 0x30 }) ? ends[2] : nil
        }
        guard digits.first == 1 else { return nil }
        if lengths.starts(with: [1, 3, 3, 4]) {
            return isNorthAmerican(digits[1..<11].map { $0 + 0x30 }) ? ends[3] : nil
        }
        guard lengths == [1], start + 2 < text.count, text[start + 1] == " ", text[start + 2] == "(" else { return nil }
        return inParentheses(text, start + 2)  // 1 (415) 555-0100
    }

    private static func inParentheses(_ text: [Unicode.Scalar], _ start: Int) -> Int? {
        guard start + 4 < text.count, text[start + 4] == ")" else { return nil }
        let area = text[(start + 1)..<(start + 4)]
        guard area.allSatisfy(\.isDigit) else { return nil }
        let rest = text[start + 5 < text.count ? start + 5 : start] == " " ? start + 6 : start + 5
        guard rest < text.count, text[rest].isDigit else { return nil }
        let (digits, lengths, ends) = DigitShape.groups(in: text, at: rest, separators: [" ", "-", "."])
        guard lengths.starts(with: [3, 4]) else { return nil }
        let all = area.map { UInt8(truncatingIfNeeded: $0.value) } + digits.prefix(7).map { $0 + 0x30 }
        return isNorthAmerican(all) ? ends[1] : nil
    }

    /// Ten digits: area and exchange begin with 2 to 9 and do not end in 11 (NANP's rules of numbering).
    private static func isNorthAmerican(_ digits: [UInt8]) -> Bool {
        guard digits.count == 10 else { return false }
        return [0, 3].allSatisfy { place in
            digits[place] >= UInt8(ascii: "2")
                && !(digits[place + 1] == UInt8(ascii: "1") && digits[place + 2] == UInt8(ascii: "1"))
        }
    }
}
