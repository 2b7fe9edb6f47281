import Testing

@testable import WaypostSandbox

@Suite struct GSMTextTests {
    @Test(arguments: [
        ("", 1), (String(repeating: "x", count: 160), 1), (String(repeating: "x", count: 161), 2),
        (String(repeating: "€", count: 81), 2), (String(repeating: "x", count: 306), 2),
        (String(repeating: "x", count: 307), 3), (String(repeating: "ж", count: 70), 1),
        (String(repeating: "ж", count: 71), 2), (String(repeating: "👋", count: 67), 2),
    ])
    func `a text has its parts`(text: String, parts: Int) { #expect(GSMText.segments(text) == parts) }
}
