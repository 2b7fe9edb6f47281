/// The default alphabet of text messages and the extension behind its escape (3GPP TS 23.038 section 6.2.1): what holds
/// nothing else goes out at seven bits a letter, all other text at sixteen.
package enum GSMAlphabet {
    package static func holds(_ text: String) -> Bool { text.unicodeScalars.allSatisfy { septets(of: $0) != nil } }

    /// 1, or 2 behind the escape; nil for what it has no letter for.
    static func septets(of scalar: Unicode.Scalar) -> Int? {
        switch scalar {
        case "^", "{", "}", "\\", "[", "~", "]", "|", "€", "\u{0C}": 2
        case "`": nil
        case "\n", "\r", " "..."_", "a"..."z": 1
        case "¡", "£", "¤", "¥", "§", "¿", "Ä", "Å", "Æ", "Ç", "É", "Ñ", "Ö", "Ø", "Ü", "ß", "à", "ä", "å", "æ", "è",
            "é",
            "ì", "ñ", "ò", "ö", "ø", "ù", "ü", "Γ", "Δ", "Θ", "Λ", "Ξ", "Π", "Σ", "Φ", "Ψ", "Ω":
            1
        default: nil
        }
    }
}
