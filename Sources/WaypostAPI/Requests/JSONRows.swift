import WaypostJSON

/// Takes a long array of JSON apart element by element, so that a body of many megabytes is never a tree as a whole:
/// `[…]`, or `{"name": […]}` with nothing beside it.
package struct JSONRows {
    private let bytes: [UInt8]
    private let isWrapped: Bool
    private var position = 0
    private var isFirst = true

    /// - Throws: `malformed` where the body does not begin so.
    package init(_ bytes: [UInt8], named name: String) throws(Problem) {
        self.bytes = bytes
        var position = Self.skippingBlanks(bytes, 0)
        func take(_ byte: UInt8) -> Bool {
            guard position < bytes.count, bytes[position] == byte else { return false }
            position = Self.skippingBlanks(bytes, position + 1)
            return true
        }
        isWrapped = take(UInt8(ascii: "{"))
        if isWrapped {
            let key = Array("\"\(name)\"".utf8)
            guard bytes.dropFirst(position).starts(with: key) else { throw Self.problem(name, at: position) }
            position = Self.skippingBlanks(bytes, position + key.count)
            guard take(UInt8(ascii: ":")) else { throw Self.problem(name, at: position) }
        }
        guard take(UInt8(ascii: "[")) else { throw Self.problem(name, at: position) }
        self.position = position
    }

    /// The next element; nil at the end of the whole.
    ///
    /// - Throws: `malformed` where it is no JSON.
    package mutating func next() throws(Problem) -> JSONValue? {
        position = Self.skippingBlanks(bytes, position)
        if byte == UInt8(ascii: "]"), isFirst { return try end() }
        if !isFirst {
            if byte == UInt8(ascii: "]") { return try end() }
            guard byte == UInt8(ascii: ",") else { throw malformed("a comma or ] was expected here") }
            position = Self.skippingBlanks(bytes, position + 1)
        }
        isFirst = false
        let start = position
        try pass()
        do throws(JSONError) {
            return try JSONValue(parsing: Array(bytes[start..<position]))
        } catch {
            throw malformed(error.complaint, at: start + error.offset)
        }
    }

    private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// Goes past one value, looking at brackets and quotes alone.
    private mutating func pass() throws(Problem) {
        var depth = 0
        while let byte {
            switch byte {
            case UInt8(ascii: "\""): try passString()
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]") where depth == 0, UInt8(ascii: "}") where depth == 0,
                UInt8(ascii: ",") where depth == 0:
                return
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            default: break
            }
            position += 1
        }
        throw malformed("the JSON text ends too early")
    }

    /// To the quote that ends it.
    private mutating func passString() throws(Problem) {
        position += 1
        while let byte, byte != UInt8(ascii: "\"") { position += byte == UInt8(ascii: "\\") ? 2 : 1 }
        if position >= bytes.count { throw malformed("the JSON text ends too early") }
    }

    private mutating func end() throws(Problem) -> JSONValue? {
        position = Self.skippingBlanks(bytes, position + 1)
        if isWrapped {
            guard byte == UInt8(ascii: "}") else { throw malformed("} was expected here: nothing may stand beside it") }
            position = Self.skippingBlanks(bytes, position + 1)
        }
        guard position >= bytes.count else { throw malformed("something follows the end of the JSON text") }
        position = bytes.count
        return nil
    }

    private static func skippingBlanks(_ bytes: [UInt8], _ start: Int) -> Int {
        var position = start
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return position
            }
        }
        return position
    }

    private func malformed(_ complaint: String, at offset: Int? = nil) -> Problem {
        let detail = "is not JSON: \(complaint), at byte \(offset ?? position)"
        return Problem(.malformed, "The body \(detail).", errors: [.init("", detail, code: .malformed)])
    }

    private static func problem(_ name: String, at offset: Int) -> Problem {
        let detail = "must be an array, or an object with \(name) alone, at byte \(offset)"
        return Problem(.malformed, "The body \(detail).", errors: [.init("", detail, code: .malformed)])
    }
}
