/// What a DNS answer says (RFC 1035 section 4), as far as text records go. Every length in it is checked: it is outside data.
package enum DNSMessage {
    private static let typeTXT = 16

    /// The text records of the answer section, the strings of each joined (RFC 7208 section 3.3); nil for what is no answer.
    package static func texts(in message: [UInt8]) -> [String]? {
        guard message.count >= 12, message[2] & 0x80 != 0 else { return nil }
        var reader = Reader(message: message, position: 12)
        for _ in 0..<number(message, at: 4) {
            guard reader.skipName(), reader.skip(4) else { return nil }
        }
        var texts: [String] = []
        for _ in 0..<number(message, at: 6) {
            guard reader.skipName(), let type = reader.number(), reader.skip(6), let length = reader.number(),
                let data = reader.take(length)
            else { return nil }
            guard type == typeTXT else { continue }  // the CNAMEs on the way, signatures
            guard let text = joined(data) else { return nil }
            texts.append(text)
        }
        return texts
    }

    private static func joined(_ data: ArraySlice<UInt8>) -> String? {
        var rest = data
        var bytes: [UInt8] = []
        while let length = rest.popFirst() {
            guard rest.count >= Int(length) else { return nil }
            bytes += rest.prefix(Int(length))
            rest = rest.dropFirst(Int(length))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func number(_ message: [UInt8], at place: Int) -> Int {
        Int(message[place]) << 8 | Int(message[place + 1])
    }

    private struct Reader {
        let message: [UInt8]
        var position: Int

        /// Labels up to the root, or up to a pointer, which ends a name and is not followed here.
        mutating func skipName() -> Bool {
            while position < message.count {
                let length = Int(message[position])
                if length == 0 { return skip(1) }
                if length >= 0xC0 { return skip(2) }
                guard length < 0x40, skip(1 + length) else { return false }
            }
            return false
        }

        mutating func skip(_ count: Int) -> Bool {
            guard message.count - position >= count else { return false }
            position += count
            return true
        }

        mutating func number() -> Int? { take(2).map { Int($0[$0.startIndex]) << 8 | Int($0[$0.startIndex + 1]) } }

        mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
            let start = position
            return skip(count) ? message[start..<position] : nil
        }
    }
}
