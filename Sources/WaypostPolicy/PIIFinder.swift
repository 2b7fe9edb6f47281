import WaypostCore

/// Looks for personal data in a text.
///
/// What it takes for such is shaped strictly, and stands alone: digits within an identifier, a path or a longer number are
/// none. An order number of that very shape cannot be told from a card's.
package struct PIIFinder: Sendable {
    /// One find; `range` in the text's scalars.
    package struct Finding: Equatable, Sendable {
        package var kind: PII.Kind
        package var range: Range<Int>
    }

    let kinds: [PII.Kind]
    /// Normal forms of the message's own recipients: their addresses are no findings.
    let own: Set<String>

    package init(_ kinds: [PII.Kind] = PII.Kind.allCases, own: Set<String> = []) {
        self.kinds = kinds
        self.own = own
    }

    /// In order, none within another.
    package func findings(in text: String) -> [Finding] { findings(in: Array(text.unicodeScalars)) }

    /// The kinds that are found, and what is left when each is masked. `only`: finds beside these texts are let be.
    package func masked(_ text: String, only: Set<String>? = nil) -> (kinds: [PII.Kind], text: String) {
        guard Self.mayHold(text) else { return ([], text) }
        let scalars = Array(text.unicodeScalars)
        var found = findings(in: scalars)
        if let only { found.removeAll { !only.contains(Self.text(scalars[$0.range])) } }
        guard !found.isEmpty else { return ([], text) }
        var masked = String.UnicodeScalarView()
        var end = 0
        for finding in found {
            masked.append(contentsOf: scalars[end..<finding.range.lowerBound])
            masked.append(contentsOf: finding.kind.mask.unicodeScalars)
            end = finding.range.upperBound
        }
        masked.append(contentsOf: scalars[end...])
        return (found.reduce(into: []) { if !$0.contains($1.kind) { $0.append($1.kind) } }, String(masked))
    }

    /// The texts that are found.
    package func texts(in text: String) -> [String] {
        let scalars = Array(text.unicodeScalars)
        return findings(in: scalars).map { Self.text(scalars[$0.range]) }
    }

    /// Most texts hold neither an `@` nor the nine digits that the shortest number has.
    private static func mayHold(_ text: String) -> Bool {
        var digits = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "@") { return true }
            if (0x30...0x39).contains(byte) { digits += 1 }
        }
        return digits >= 9
    }

    private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        String(String.UnicodeScalarView(scalars))
    }

    private func findings(in text: [Unicode.Scalar]) -> [Finding] {
        var findings: [Finding] = []
        var place = 0
        while place < text.count {
            if let finding = finding(in: text, at: place, after: findings.last?.range.upperBound ?? 0) {
                place = max(place + 1, finding.range.upperBound)
                if !isOwn(text[finding.range], finding.kind) { findings.append(finding) }
            } else {
                // A number that is none of ours is passed over whole, so that no part of it is taken for one.
                repeat { place += 1 } while place < text.count && text[place - 1].isDigit && text[place].isDigit
            }
        }
        return findings.filter { kinds.contains($0.kind) }
    }

    /// What begins at a place, or has its `@` there.
    private func finding(in text: [Unicode.Scalar], at place: Int, after start: Int) -> Finding? {
        let scalar = text[place]
        if scalar == "@" {
            return EmailShape.range(in: text, at: place, after: start).map { Finding(kind: .email, range: $0) }
        }
        guard scalar.isDigit || scalar == "+" || scalar == "(", DigitShape.mayBegin(in: text, at: place) else {
            return nil
        }
        func whole(_ end: Int?) -> Int? { end.flatMap { DigitShape.mayEnd(in: text, at: $0) ? $0 : nil } }
        if let end = whole(CardShape.end(in: text, at: place)) { return Finding(kind: .creditCard, range: place..<end) }
        if let end = whole(SSNShape.end(in: text, at: place)) { return Finding(kind: .ssn, range: place..<end) }
        if let end = whole(PhoneShape.end(in: text, at: place)) { return Finding(kind: .phone, range: place..<end) }
        return nil
    }

    private func isOwn(_ found: ArraySlice<Unicode.Scalar>, _ kind: PII.Kind) -> Bool {
        guard !own.isEmpty else { return false }
        switch kind {
        case .email: return own.contains(NormalizedAddress.email(Self.text(found)))
        case .phone:
            let digits = Self.text(found.filter(\.isDigit)[...])
            return own.contains("+" + digits) || own.contains("+1" + digits)
        case .ssn, .creditCard: return false
        }
    }
}

extension Unicode.Scalar {
    var isDigit: Bool { ("0"..."9").contains(self) }
    var isLetter: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
}

/// What stands around digits that stand alone.
enum DigitShape {
    /// Whether what is before does not make the digits a part of something else.
    static func mayBegin(in text: [Unicode.Scalar], at place: Int) -> Bool {
        guard place > 0 else { return true }
        let before = text[place - 1]
        if before.isDigit || before.isLetter { return false }
        switch before {
        case "_", "/", "@", "+", "\\", "&", "$", "€", "£": return false
        // A sentence may end before it; a number or a word that goes on does not.
        case "-", ".", ",", "#": return place == 1 || !(text[place - 2].isDigit || text[place - 2].isLetter)
        default: return true
        }
    }

    static func mayEnd(in text: [Unicode.Scalar], at end: Int) -> Bool {
        guard end < text.count else { return true }
        let after = text[end]
        if after.isDigit || after.isLetter { return false }
        switch after {
        case "_", "@", "%": return false
        case "-", ".", ",", "/", ":": return end + 1 == text.count || !(text[end + 1].isDigit || text[end + 1].isLetter)
        default: return true
        }
    }

    /// No number that is looked for has more digits.
    private static let longest = 19

    /// Groups of digits with one of `separators` between, always the same one, and where they end; cut off
    /// after more digits than any number has.
    static func groups(
        in text: [Unicode.Scalar], at start: Int, separators: Set<Unicode.Scalar>
    ) -> (digits: [UInt8], lengths: [Int], ends: [Int]) {
        var digits: [UInt8] = []
        var lengths = [0]
        var ends: [Int] = []
        var separator: Unicode.Scalar?
        var place = start
        while place < text.count, digits.count <= longest {
            if text[place].isDigit {
                digits.append(UInt8(truncatingIfNeeded: text[place].value - 0x30))
                lengths[lengths.count - 1] += 1
            } else if separators.contains(text[place]), separator == nil || separator == text[place],
                place + 1 < text.count, text[place + 1].isDigit
            {
                separator = text[place]
                ends.append(place)
                lengths.append(0)
            } else {
                break
            }
            place += 1
        }
        return (digits, lengths, ends + [place])
    }
}
