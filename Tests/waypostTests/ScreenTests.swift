import Testing

@testable import waypost

@Suite struct ScreenTests {
    @Test(arguments: [
        ("abcdef", 3, "abc"), ("ab", 3, "ab"), ("", 3, ""),
        ("\u{1B}[31mabcdef\u{1B}[0mgh", 3, "\u{1B}[31mabc\u{1B}[0m"),
        ("a\u{1B}[31mb\u{1B}[0mc", 3, "a\u{1B}[31mb\u{1B}[0mc\u{1B}[0m"),
    ])
    func `a line is cut at the edge, its colours are not`(line: String, width: Int, cut: String) {
        #expect(Style.clip(line, to: width) == cut)
    }

    @Test func `a frame overwrites line by line and clears only what is left`() {
        let frame = Screen.frame(["one", "two"], size: .init(columns: 80, rows: 24))
        #expect(frame == "\u{1B}[?2026h\u{1B}[Hone\u{1B}[K\r\ntwo\u{1B}[K\u{1B}[J\u{1B}[?2026l")
        #expect(!frame.contains("\u{1B}[2J"))
    }

    @Test func `a frame never has more rows or columns than the terminal`() {
        let frame = Screen.frame((1...30).map { "line \($0)" }, size: .init(columns: 6, rows: 10))
        #expect(frame.split(separator: "\r\n").count == 10)
        #expect(frame.contains("line 9") && !frame.contains("line 10") && frame.contains("… 21 m"))
    }

    @Test func `the terminal is given back as it was`() {
        for mode in ["?1049", "?25"] { #expect(Screen.begin.contains(mode) && Screen.end.contains(mode)) }
        #expect(Screen.end.hasSuffix("\u{1B}[?1049l"))
    }
}
