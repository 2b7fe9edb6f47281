/// RFC 3986 section 2.1.
enum PercentEncoding {
    /// Encodes every byte but the unreserved ones (letters, digits and `-._~`), with upper-case digits.
    static func encode(_ text: some StringProtocol) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default: encoded += "%" + Digest.hexadecimal([byte]).uppercased()
            }
        }
        return encoded
    }
}
