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

    /// nil where a `%` is not followed by two hexadecimal digits, or the bytes are no UTF-8. In a form, `+` is a space.
    static func decode(_ text: some StringProtocol, isForm: Bool = false) -> String? {
        var bytes: [UInt8] = []
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst()?.hexadecimalValue, let low = rest.popFirst()?.hexadecimalValue else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where isForm: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The fields of a query or of a form (application/x-www-form-urlencoded); nil where one of them cannot be read.
    static func fields(_ text: some StringProtocol) -> [String: String]? {
        var fields: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decode(parts[0], isForm: true),
                let value = decode(parts.count > 1 ? parts[1] : "", isForm: true),
                fields.updateValue(value, forKey: name) == nil
            else { return nil }
        }
        return fields
    }
}

extension UInt8 {
    /// Of a digit `0` to `9`, `a` to `f` or `A` to `F`.
    var hexadecimalValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x37
        case 0x61...0x66: self - 0x57
        default: nil
        }
    }
}
