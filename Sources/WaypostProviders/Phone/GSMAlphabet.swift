/// The default alphabet of text messages and its extension table (3GPP TS 23.038 section 6.2.1): what holds nothing else
/// goes out at seven bits a letter, all other text at sixteen.
enum GSMAlphabet {
    static func holds(_ text: String) -> Bool { text.unicodeScalars.allSatisfy(letters.contains) }

    /// CR stands in the table, ESC only introduces the second table: no text of its own.
    private static let letters = Set(
        ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
            + "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
            + "\u{0C}^{}\\[~]|€").unicodeScalars)
}
