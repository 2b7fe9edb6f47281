import Testing

@testable import WaypostSandbox

@Suite struct WebAddressTests {
    @Test(arguments: [
        ("https://w.example.com/s?n=1", true), ("http://127.0.0.1:8080", true), ("http://[::1]:80/", true),
        ("HTTPS://W.EXAMPLE.COM", true), ("ftp://a.example.com", false), ("https://", false),
        ("https://a_b.com/", false),
        ("https://user@a.com/", false), ("https://a.com:0/", false), ("https://a.com/a b", false),
        ("https://a..com/", false), ("/s", false), ("https://grüße.example.com/", false),
    ])
    func `a web address is told from what is none`(text: String, isAddress: Bool) {
        #expect(text.looksLikeWebAddress == isAddress)
    }
}
