/// The characters of RFC 9110 section 5 and RFC 3986 that decide where a field begins and ends.
enum FieldSyntax {
    /// `tchar`: what methods and header names consist of.
    static func isToken(_ byte: UInt8) -> Bool { contains(byte, 0x03FF_6CFA_0000_0000, 0x57FF_FFFF_C7FF_FFFE) }
    /// Visible characters, blank, tab and bytes above ASCII (`obs-text`).
    static func isValueByte(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == 0x09 }
    /// What `uri-host [":" port]` may hold.
    static func isHostByte(_ byte: UInt8) -> Bool { contains(byte, 0x2FFF_7FF2_0000_0000, 0x47FF_FFFE_AFFF_FFFE) }

    static func withoutTrailingBlanks(_ value: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var end = value.count
        while end > 0, value[end - 1] == 0x20 || value[end - 1] == 0x09 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: value[..<end])
    }

    /// A bit for each ASCII character, the first 64 in `low`: these run over every byte of every header.
    private static func contains(_ byte: UInt8, _ low: UInt64, _ high: UInt64) -> Bool {
        byte < 0x80 && (byte < 64 ? low >> UInt64(byte) : high >> UInt64(byte - 64)) & 1 == 1
    }
}

extension UnsafeRawBufferPointer {
    /// - Parameter lowercased: ASCII, without capitals.
    func equalsIgnoringCase(_ lowercased: StaticString) -> Bool {
        guard count == lowercased.utf8CodeUnitCount else { return false }
        return indices.allSatisfy { index in
            let byte = self[index]
            let lower = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
            return lower == lowercased.utf8Start[index]
        }
    }
}
