/// Where a page of a list ends, as a client hands it back: opaque to it, the commit sequence to us.
package struct Cursor: Equatable, Sendable, CustomStringConvertible {
    /// The sequence number of the last row of the page before.
    package let seq: Int64

    package init(seq: Int64) { self.seq = seq }

    /// Reads what `description` wrote; nil for anything else, a cursor that was typed over included.
    package init?(_ text: String) {
        guard text.utf8.count == 16 else { return nil }
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        for (position, byte) in text.utf8.enumerated() {
            guard let value = Self.alphabet.firstIndex(of: byte) else { return nil }
            bits = bits << 6 | UInt32(value)
            if position % 4 == 3 {
                bytes += [UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255)]
                bits = 0
            }
        }
        let seq = bytes[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let check = bytes[8...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard check == Self.check(of: seq), let number = Int64(exactly: seq) else { return nil }
        self.seq = number
    }

    /// 16 characters of base64url: eight bytes of number, four of check.
    package var description: String {
        let number = UInt64(bitPattern: seq)
        var bytes: [UInt8] = []
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: Self.check(of: number).bigEndian) { bytes.append(contentsOf: $0) }
        var text: [UInt8] = []
        for start in stride(from: 0, to: 12, by: 3) {
            let bits = UInt32(bytes[start]) << 16 | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2])
            for shift: UInt32 in [18, 12, 6, 0] { text.append(Self.alphabet[Int(bits >> shift & 63)]) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// FNV-1a: it catches a cut or mistyped cursor; it is no signature, and a cursor tells nothing that needs one.
    private static func check(of number: UInt64) -> UInt32 {
        var hash: UInt32 = 2_166_136_261
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            hash = (hash ^ UInt32(truncatingIfNeeded: number >> shift & 255)) &* 16_777_619
        }
        return hash
    }
}
