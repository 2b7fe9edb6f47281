/// How a text travels by SMS: in GSM's seven bits where every character is in its alphabet, else in UCS-2.
///
/// 3GPP TS 23.038 section 6.2.1.
enum GSMText {
    private static let basic = Set(
        ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
            + "abcdefghijklmnopqrstuvwxyzäöñüà").unicodeScalars)

    /// Behind an escape, so they count twice.
    private static let extended = Set("\u{0C}^{}\\[~]|€".unicodeScalars)

    /// Seven-bit units; nil when a character is beyond the alphabet.
    static func septets(_ text: String) -> Int? {
        var count = 0
        for scalar in text.unicodeScalars {
            if basic.contains(scalar) {
                count += 1
            } else if extended.contains(scalar) {
                count += 2
            } else {
                return nil
            }
        }
        return count
    }

    /// 160 units in one message and 153 in each part of a longer one; in UCS-2 70 and 67. At least 1.
    static func segments(_ text: String) -> Int {
        if let count = septets(text) { return count <= 160 ? 1 : (count + 152) / 153 }
        let count = text.utf16.count
        return count <= 70 ? 1 : (count + 66) / 67
    }
}
