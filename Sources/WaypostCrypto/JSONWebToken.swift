/// Signed JSON Web Tokens in their compact form (RFC 7519, RFC 7515 section 3.1).
package enum JSONWebToken {
    /// `header` and `claims`: the JSON objects, byte for byte as they are signed. The header must name the key's algorithm.
    package static func signed(header: [UInt8], claims: [UInt8], by key: SigningKey) -> String {
        var text = Base64URL.text(of: header)
        text.append(UInt8(ascii: "."))
        text.append(contentsOf: Base64URL.text(of: claims))
        let signature = key.signature(of: text)
        text.append(UInt8(ascii: "."))
        text.append(contentsOf: Base64URL.text(of: signature))
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether `token` was signed with the key's other half. What it claims is not looked at.
    package static func isValid(_ token: String, for key: VerifyingKey) -> Bool {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let signature = Base64URL.decode(String(parts[2])) else { return false }
        return key.isValid(signature, for: Array("\(parts[0]).\(parts[1])".utf8))
    }
}
