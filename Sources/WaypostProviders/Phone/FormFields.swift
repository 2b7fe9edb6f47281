/// The pairs of a query or of a form that somebody sent, in their order. They stay bytes, since what a signature covers must
/// not be repaired.
///
/// https://url.spec.whatwg.org/#application/x-www-form-urlencoded
struct FormFields: Sendable {
    struct Field: Equatable, Sendable {
        var name: [UInt8]
        var value: [UInt8]
    }

    /// No callback holds nearly as many; beyond it nobody sorts and hashes for a stranger.
    static let most = 1000

    private(set) var fields: [Field] = []

    /// nil where there are more than `most`.
    init?(_ raw: some Sequence<UInt8>) {
        guard append(raw) else { return nil }
    }

    /// A broken escape stands for itself, as browsers and Twilio's own library take it.
    private mutating func append(_ raw: some Sequence<UInt8>) -> Bool {
        var field = Field(name: [], value: [])
        var isValue = false
        var escaped = ArraySlice<UInt8>()  // `%` and up to one digit of it
        func put(_ bytes: some Sequence<UInt8>, to field: inout Field) {
            if isValue { field.value.append(contentsOf: bytes) } else { field.name.append(contentsOf: bytes) }
        }
        func close(_ fields: inout [Field]) {
            put(escaped, to: &field)
            escaped = []
            if isValue || !field.name.isEmpty { fields.append(field) }
            field = Field(name: [], value: [])
            isValue = false
        }
        for byte in raw {
            if !escaped.isEmpty {
                if let digit = Self.digit(byte) {
                    if escaped.count == 2, let high = escaped.last.flatMap(Self.digit) {
                        escaped = []
                        put(CollectionOfOne(high << 4 | digit), to: &field)
                    } else {
                        escaped.append(byte)
                    }
                    continue
                }
                put(escaped, to: &field)
                escaped = []
            }
            switch byte {
            case UInt8(ascii: "&"):
                close(&fields)
                guard fields.count <= Self.most else { return false }
            case UInt8(ascii: "=") where !isValue: isValue = true
            case UInt8(ascii: "+"): put(CollectionOfOne(UInt8(ascii: " ")), to: &field)
            case UInt8(ascii: "%"): escaped = [byte]
            default: put(CollectionOfOne(byte), to: &field)
            }
        }
        close(&fields)
        return fields.count <= Self.most
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    /// These, then the others.
    static func + (left: FormFields, right: FormFields) -> FormFields {
        var sum = left
        sum.fields += right.fields
        return sum
    }

    /// The last value under that name, which is the one that counts where a name is repeated; nil where it is missing or
    /// empty. What is no UTF-8 in it is replaced.
    subscript(name: String) -> String? {
        guard let value = fields.last(where: { $0.name.elementsEqual(name.utf8) })?.value, !value.isEmpty else {
            return nil
        }
        return String(decoding: value, as: UTF8.self)
    }

    /// Every value under that name that is not empty.
    func all(_ name: String) -> [String] {
        fields.filter { $0.name.elementsEqual(name.utf8) && !$0.value.isEmpty }.map {
            String(decoding: $0.value, as: UTF8.self)
        }
    }
}
