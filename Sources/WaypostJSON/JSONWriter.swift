/// Writes JSON straight into bytes: no tree, no intermediate strings. Commas are its own business.
///
/// ```swift
/// var json = JSONWriter()
/// json.object { json in
///     json.member("id", id)
///     json.array("tags") { json in for tag in tags { json.element(tag) } }
/// }
/// ```
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8]
    private var needsComma = false

    package init(capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    // MARK: Values

    package mutating func object(_ body: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "{"))
        body(&self)
        close(UInt8(ascii: "}"))
    }

    package mutating func array(_ body: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "["))
        body(&self)
        close(UInt8(ascii: "]"))
    }

    package mutating func element(_ text: String) {
        separate()
        quote(text)
    }

    package mutating func element(_ number: Int) {
        separate()
        bytes.append(contentsOf: String(number).utf8)
    }

    package mutating func element(_ number: Int64) {
        separate()
        bytes.append(contentsOf: String(number).utf8)
    }

    package mutating func element(_ number: some BinaryInteger) {
        separate()
        bytes.append(contentsOf: String(number).utf8)
    }

    /// What JSON has no number for (NaN, the infinities) becomes `null`.
    package mutating func element(_ number: Double) {
        separate()
        bytes.append(contentsOf: number.isFinite ? String(number).utf8 : "null".utf8)
    }

    package mutating func element(_ flag: Bool) {
        separate()
        bytes.append(contentsOf: flag ? "true".utf8 : "false".utf8)
    }

    package mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    package mutating func element(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let flag): element(flag)
        case .integer(let number): element(number)
        case .number(let number): element(number)
        case .string(let text): element(text)
        case .array(let elements): array { json in for value in elements { json.element(value) } }
        case .object(let members): object { json in for member in members { json.member(member.name, member.value) } }
        }
    }

    /// Text that is JSON already.
    package mutating func raw(_ json: [UInt8]) {
        separate()
        bytes.append(contentsOf: json)
    }

    package mutating func raw(_ json: some Sequence<UInt8>) { raw(Array(json)) }

    /// A string whose bytes are known to need no escape (identifiers, times).
    package mutating func plain(_ text: [UInt8]) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: text)
        bytes.append(UInt8(ascii: "\""))
    }

    package mutating func plain(_ text: some Sequence<UInt8>) { plain(Array(text)) }

    // MARK: Members

    package mutating func member(_ name: String, _ text: String) {
        self.name(name)
        element(text)
    }

    /// Left out when nil.
    package mutating func member(_ name: String, ifPresent text: String?) {
        if let text { member(name, text) }
    }

    package mutating func member(_ name: String, _ number: Int) {
        self.name(name)
        element(number)
    }

    package mutating func member(_ name: String, _ number: Int64) {
        self.name(name)
        element(number)
    }

    package mutating func member(_ name: String, _ number: some BinaryInteger) {
        self.name(name)
        element(number)
    }

    package mutating func member(_ name: String, _ number: Double) {
        self.name(name)
        element(number)
    }

    package mutating func member(_ name: String, _ flag: Bool) {
        self.name(name)
        element(flag)
    }

    package mutating func member(_ name: String, _ value: JSONValue) {
        self.name(name)
        element(value)
    }

    package mutating func member(_ name: String, plain text: [UInt8]) {
        self.name(name)
        plain(text)
    }

    package mutating func member(_ name: String, raw json: [UInt8]) {
        self.name(name)
        raw(json)
    }

    package mutating func member(_ name: String, plain text: some Sequence<UInt8>) {
        self.name(name)
        plain(Array(text))
    }

    package mutating func member(_ name: String, raw json: some Sequence<UInt8>) {
        self.name(name)
        raw(Array(json))
    }

    package mutating func null(_ name: String) {
        self.name(name)
        null()
    }

    package mutating func object(_ name: String, _ body: (inout JSONWriter) -> Void) {
        self.name(name)
        object(body)
    }

    package mutating func array(_ name: String, _ body: (inout JSONWriter) -> Void) {
        self.name(name)
        array(body)
    }

    /// Begins a member whose value follows by one of the calls above.
    package mutating func name(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    // MARK: Parts

    private mutating func open(_ byte: UInt8) {
        separate()
        bytes.append(byte)
        needsComma = false
    }

    private mutating func close(_ byte: UInt8) {
        bytes.append(byte)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        let isDone: Void? = text.utf8.withContiguousStorageIfAvailable { escape($0) }
        if isDone == nil { Array(text.utf8).withUnsafeBufferPointer { escape($0) } }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ text: UnsafeBufferPointer<UInt8>) {
        var run = 0
        while true {
            let end = endOfPlainRun(in: text, from: run)
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[run..<end]))
            guard end < text.count else { return }
            escape(text[end])
            run = end + 1
        }
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        default:
            bytes.append(contentsOf: "u00".utf8)
            for digit in [byte >> 4, byte & 15] { bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit) }
        }
    }
}

extension JSONValue {
    /// The compact JSON text.
    package var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.element(self)
        return writer.bytes
    }
}
