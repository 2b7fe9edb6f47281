import WaypostJSON

/// Rows under headings. A column is as wide as its widest cell; numbers stand to the right.
struct Table: Equatable {
    struct Cell: Equatable, ExpressibleByStringLiteral {
        var text: String
        var tone = Style.Tone.plain
        var isNumber = false

        init(_ text: String, _ tone: Style.Tone = .plain) {
            self.text = text.printable
            self.tone = tone
        }

        init(stringLiteral text: String) { self.init(text) }

        init(_ number: some BinaryInteger, _ tone: Style.Tone = .plain) {
            text = String(number)
            self.tone = tone
            isNumber = true
        }

        /// A word that has a tone of its own.
        static func word(_ text: String) -> Cell { Cell(text, Style.tone(of: text)) }

        /// What a member of an answer says; `-` for nothing.
        init(_ value: JSONValue?) {
            if case .integer(let number)? = value { self.init(number) } else { self.init(value?.shown ?? "-") }
        }
    }

    var head: [String]
    var rows: [[Cell]] = []

    init(_ head: String..., rows: [[Cell]] = []) {
        self.head = head
        self.rows = rows
    }

    init(head: [String], rows: [[Cell]]) {
        self.head = head
        self.rows = rows
    }

    /// Without the columns in which no row says anything.
    var compact: Table {
        let told = head.indices.filter { column in rows.contains { column < $0.count && $0[column].text != "-" } }
        return rows.isEmpty ? self : Table(head: told.map { head[$0] }, rows: rows.map { row in told.map { row[$0] } })
    }

    func lines(_ style: Style) -> [String] {
        let widths = head.indices.map { column in
            rows.reduce(head[column].count) { max($0, column < $1.count ? $1[column].text.count : 0) }
        }
        let isNumeric = head.indices.map { column in
            !rows.isEmpty && rows.allSatisfy { column < $0.count && ($0[column].isNumber || $0[column].text == "-") }
                && rows.contains { $0[column].isNumber }
        }
        func line(_ cells: [Cell]) -> String {
            var parts = cells.enumerated().map { column, cell in
                let width = column < widths.count ? widths[column] : 0
                let blanks = String(repeating: " ", count: max(0, width - cell.text.count))
                let text = style.paint(cell.text, cell.tone)
                return column < isNumeric.count && isNumeric[column] ? blanks + text : text + blanks
            }
            while let last = parts.last, last.allSatisfy({ $0 == " " }) { parts.removeLast() }
            var line = parts.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
        return [line(head.map { Cell($0, .heading) })] + rows.map(line)
    }
}

extension JSONValue {
    /// A value in a cell: lists with commas between, objects as they are; nil for nothing.
    var shown: String? {
        switch self {
        case .null: nil
        case .bool(let flag): flag ? "yes" : "no"
        case .integer(let number): String(number)
        case .number(let number): String(number)
        case .string(let text): text
        case .array(let elements): elements.isEmpty ? nil : elements.compactMap(\.shown).joined(separator: ", ")
        case .object(let members):
            members.isEmpty ? nil : members.map { "\($0.name)=\($0.value.shown ?? "-")" }.joined(separator: " ")
        }
    }

    /// The rows of a list's page.
    var data: [JSONValue] { self["data"]?.array ?? [] }

    func text(_ name: String) -> String? { self[name]?.string }
}
