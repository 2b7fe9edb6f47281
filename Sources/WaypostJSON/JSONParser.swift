/// Why a text is not JSON that we take.
package struct JSONError: Error, Equatable, Sendable {
    /// In bytes from the start.
    package var offset: Int
    package var complaint: String

    package init(offset: Int, complaint: String) {
        self.offset = offset
        self.complaint = complaint
    }
}

extension JSONValue {
    /// Parses one JSON text (RFC 8259): strict, valid UTF-8, nesting of at most `depth` levels, no byte order mark.
    ///
    /// No object may hold a member twice; names that differ in Unicode normalization alone count as the same. A whole number
    /// within 64 bits is `.integer`, every other finite one `.number`; one that a double cannot hold is refused.
    package init(parsing bytes: [UInt8], depth: Int = 32) throws(JSONError) {
        let parsed = bytes.withUnsafeBufferPointer { buffer -> Result<JSONValue, JSONError> in
            var parser = JSONParser(bytes: buffer, depth: depth)
            do throws(JSONError) { return .success(try parser.parseText()) } catch { return .failure(error) }
        }
        self = try parsed.get()
    }
}

/// A recursive-descent reader over bytes that stay in place; recursion is bounded by `depth`.
private struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0
    var depth: Int

    init(bytes: UnsafeBufferPointer<UInt8>, depth: Int) {
        self.bytes = bytes
        self.depth = depth
    }

    mutating func parseText() throws(JSONError) -> JSONValue {
        let value = try parseValue()
        skipBlanks()
        guard position == bytes.count else { throw complaint("something follows the end of the JSON text") }
        return value
    }

    private func complaint(_ text: String, at offset: Int? = nil) -> JSONError {
        JSONError(offset: offset ?? position, complaint: text)
    }

    private mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func parseValue() throws(JSONError) -> JSONValue {
        skipBlanks()
        guard position < bytes.count else { throw complaint("the JSON text ends too early") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try parseObject()
        case UInt8(ascii: "["): return try parseArray()
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", .null)
        case UInt8(ascii: "-"), 0x30...0x39: return try parseNumber()
        default: throw complaint("a JSON value was expected here")
        }
    }

    private mutating func parseWord(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let count = word.utf8CodeUnitCount
        let matches =
            position + count <= bytes.count
            && word.withUTF8Buffer { letters in (0..<count).allSatisfy { letters[$0] == bytes[position + $0] } }
        guard matches else { throw complaint("a JSON value was expected here") }
        position += count
        return value
    }

    private mutating func descend() throws(JSONError) {
        guard depth > 0 else { throw complaint("nested too deeply") }
        depth -= 1
        position += 1
    }

    private mutating func parseObject() throws(JSONError) -> JSONValue {
        try descend()
        defer { depth += 1 }
        var members: [JSONValue.Member] = []
        var names: Set<String>?  // only large objects pay for one
        skipBlanks()
        if take(UInt8(ascii: "}")) { return .object([]) }
        members.reserveCapacity(8)
        while true {
            skipBlanks()
            let start = position
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                throw complaint("a member name in quotes was expected here")
            }
            let name = try parseString()
            let repeated: Bool
            if names == nil, members.count >= 16 { names = Set(members.map(\.name)) }
            if names != nil {
                repeated = names?.insert(name).inserted == false
            } else {
                repeated = members.contains { $0.name == name }
            }
            guard !repeated else { throw complaint("the member \"\(name.prefix(64))\" stands here twice", at: start) }
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw complaint("':' was expected here") }
            members.append(.init(name, try parseValue()))
            skipBlanks()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "}")) else { throw complaint("',' or '}' was expected here") }
            return .object(members)
        }
    }

    private mutating func parseArray() throws(JSONError) -> JSONValue {
        try descend()
        defer { depth += 1 }
        var elements: [JSONValue] = []
        skipBlanks()
        if take(UInt8(ascii: "]")) { return .array([]) }
        while true {
            elements.append(try parseValue())
            skipBlanks()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "]")) else { throw complaint("',' or ']' was expected here") }
            return .array(elements)
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func parseNumber() throws(JSONError) -> JSONValue {
        let start = position
        _ = take(UInt8(ascii: "-"))
        guard let first = peekDigit() else { throw complaint("a digit was expected here") }
        if first == 0x30 { position += 1 } else { skipDigits() }
        if peekDigit() != nil { throw complaint("a number must not begin with 0", at: start) }
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            guard peekDigit() != nil else { throw complaint("a digit was expected here") }
            skipDigits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard peekDigit() != nil else { throw complaint("a digit was expected here") }
            skipDigits()
        }
        if isInteger, let number = integer(from: start) { return .integer(number) }
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
        guard let number = Double(text), number.isFinite else {
            throw complaint("the number is out of range", at: start)
        }
        return .number(number)
    }

    /// The digits from `start` on, with their sign; nil beyond 64 bits.
    private func integer(from start: Int) -> Int64? {
        let isNegative = bytes[start] == UInt8(ascii: "-")
        var value: Int64 = 0
        for byte in bytes[(isNegative ? start + 1 : start)..<position] {
            // Counted downwards, since there is one more negative number than positive ones.
            let (tens, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (next, overflowedToo) = tens.subtractingReportingOverflow(Int64(byte - 0x30))
            if overflowed || overflowedToo { return nil }
            value = next
        }
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    private func peekDigit() -> UInt8? {
        guard position < bytes.count, (0x30...0x39).contains(bytes[position]) else { return nil }
        return bytes[position]
    }

    private mutating func skipDigits() {
        while peekDigit() != nil { position += 1 }
    }

    private mutating func parseString() throws(JSONError) -> String {
        let start = position + 1
        position = endOfPlainRun(in: bytes, from: start)
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            return try parseEscapedString(from: start)
        }
        // No escape: the bytes are the string.
        let run = UnsafeBufferPointer(rebasing: bytes[start..<position])
        guard let text = String(validating: run, as: UTF8.self) else {
            throw complaint("the string is not valid UTF-8", at: start)
        }
        position += 1
        return text
    }

    /// Reads on from the first byte that is not plain, copying run by run.
    private mutating func parseEscapedString(from start: Int) throws(JSONError) -> String {
        var text: [UInt8] = []
        var run = start
        while position < bytes.count {
            text.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[run..<position]))
            switch bytes[position] {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw complaint("the string is not valid UTF-8", at: start)
                }
                position += 1
                return string
            case UInt8(ascii: "\\"): try parseEscape(into: &text)
            default: throw complaint("a control character must be escaped in a string")
            }
            run = position
            position = endOfPlainRun(in: bytes, from: run)
        }
        throw complaint("the string does not end", at: start - 1)
    }

    private mutating func parseEscape(into text: inout [UInt8]) throws(JSONError) {
        guard position + 1 < bytes.count else { throw complaint("the string does not end") }
        let escape = bytes[position + 1]
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escape)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            position += 2
            text.append(contentsOf: try parseUnicodeEscape().utf8)
            return
        default: throw complaint("no such escape")
        }
        position += 2
    }

    private mutating func parseUnicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let start = position - 2
        let first = try parseHexadecimal()
        if (0xD800...0xDBFF).contains(first) {
            guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
                throw complaint("half a surrogate pair", at: start)
            }
            let second = try parseHexadecimal()
            guard (0xDC00...0xDFFF).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            else { throw complaint("half a surrogate pair", at: start) }
            return scalar
        }
        guard let scalar = Unicode.Scalar(first) else { throw complaint("half a surrogate pair", at: start) }
        return scalar
    }

    private mutating func parseHexadecimal() throws(JSONError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw complaint("four hexadecimal digits were expected here") }
        var value: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
            case 0x61...0x66: value = value << 4 | UInt32(byte - 0x61 + 10)
            case 0x41...0x46: value = value << 4 | UInt32(byte - 0x41 + 10)
            default: throw complaint("four hexadecimal digits were expected here")
            }
        }
        position += 4
        return value
    }
}
