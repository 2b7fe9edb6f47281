import Testing

@testable import WaypostSandbox

@Suite struct XMLTextTests {
    @Test(
        arguments: [
            ("<Response/>", "Response"),
            (#"<?xml version="1.0"?><Response><Say a="1">Hi &amp; &#233;</Say></Response>"#, "Response"),
            ("<a><b></a></b>", nil), ("<a>1 < 2</a>", nil), ("<a>&</a>", nil), ("<a b=c/>", nil), ("<a/><b/>", nil),
            ("text", nil), ("<a>", nil), ("", nil),
        ] as [(String, String?)])
    func `markup is well-formed or has no root`(text: String, root: String?) { #expect(XMLText.root(of: text) == root) }
}
