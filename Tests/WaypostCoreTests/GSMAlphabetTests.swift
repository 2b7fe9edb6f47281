import Testing
import WaypostCore

@Suite struct GSMAlphabetTests {
    @Test(arguments: [
        "", "Hello, World!", "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ ¤¡ÄÖÑÜ§¿äöñüà", "^{}\\[~]|€", "\u{0C}",
    ])
    func `letters of both tables`(text: String) { #expect(GSMAlphabet.holds(text)) }

    @Test(arguments: ["ç", "á", "`", "“", "–", "你", "👋", "\t", "e\u{301}", "\u{1B}", "\u{0}", "ê"])
    func `letters of neither`(text: String) { #expect(!GSMAlphabet.holds("a\(text)")) }
}
