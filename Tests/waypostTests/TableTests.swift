import Testing
import WaypostJSON

@testable import waypost

@Suite struct TableTests {
    @Test func `columns are as wide as their widest cell, and numbers stand to the right`() {
        let table = Table("NAME", "COUNT", rows: [["sendgrid", .init(7)], ["s", .init(1234)], ["t", "-"]])
        #expect(table.lines(.plain) == ["NAME      COUNT", "sendgrid      7", "s          1234", "t             -"])
    }

    @Test func `no line ends in blanks`() {
        let table = Table("A", "LONG HEADING", rows: [["x", ""], ["y", "z"]])
        #expect(table.lines(.plain) == ["A  LONG HEADING", "x", "y  z"])
    }

    @Test func `colours change no width`() {
        let table = Table("STATE", "X", rows: [[.word("open"), "1"], [.word("closed"), "2"]])
        let painted = table.lines(Style(isColored: true))
        #expect(painted[1] == "\u{1B}[31mopen\u{1B}[0m    1")
        let bare = painted.map { line in
            var line = line
            for code in [0, 1, 31, 32] { line = line.split(separator: "\u{1B}[\(code)m").joined() }
            return line
        }
        #expect(bare == table.lines(.plain))
    }

    @Test func `what others wrote cannot move the cursor`() {
        let table = Table("A", rows: [[.init("x\u{1B}[2J\r\ny\u{07}")]])
        #expect(table.lines(.plain)[1] == "x [2J  y")
    }

    @Test func `a compact table leaves out what no row tells`() {
        let table = Table("A", "B", "C", rows: [["1", "-", "-"], ["2", "-", "x"]])
        #expect(table.compact.head == ["A", "C"])
        #expect(Table("A", "B").compact.head == ["A", "B"])
    }

    @Test func `an answer of any shape is told by its names`() throws {
        let text = #"""
            {"procedure":"stop-sending","dry_run":true,"override":null,"lifted":[],
             "touched":{"channels":[{"channel":"email","queued":12},{"channel":"sms","queued":3,"held":true}],
             "providers":["ses","twilio"],"windows":{"providers":2}}}
            """#
        let lines = Facts.lines(of: try JSONValue(parsing: Array(text.utf8)), .plain)
        #expect(
            lines == [
                "procedure                  stop-sending", "dry_run                    yes",
                "touched.providers          ses, twilio", "touched.windows.providers  2", "", "touched.channels",
                "  CHANNEL  QUEUED  HELD", "  email        12  -", "  sms           3  yes",
            ])
    }
}
