/// Base 64 in its one spelling (RFC 4648 section 4): padded, nothing between the letters, no stray bit before the padding.
enum CanonicalBase64 {
    /// 64 stands for every byte that is no letter of the alphabet.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 64, count: 256)
        for (value, letter) in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8.enumerated() {
            values[Int(letter)] = UInt8(value)
        }
        return values
    }()

    static func isValid(_ text: String) -> Bool {
        text.utf8.withContiguousStorageIfAvailable(isValid) ?? Array(text.utf8).withUnsafeBufferPointer(isValid)
    }

    private static func isValid(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count % 4 == 0, let last = bytes.last else { return bytes.isEmpty }
        let padding = last != UInt8(ascii: "=") ? 0 : bytes[bytes.count - 2] != UInt8(ascii: "=") ? 1 : 2
        let letters = bytes.count - padding
        return values.withUnsafeBufferPointer { values in
            var seen: UInt8 = 0
            for position in 0..<letters { seen |= values[Int(bytes[position])] }
            guard seen & 64 == 0, letters > 0 else { return false }
            // With n of the last four characters missing, the 2n low bits of the last letter carry nothing.
            let stray = UInt8(1) << UInt8(2 * padding) - 1
            return values[Int(bytes[letters - 1])] & stray == 0
        }
    }
}
