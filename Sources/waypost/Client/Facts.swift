import WaypostJSON

/// An answer of any shape for people: its values by their names, lists of objects as tables below them.
enum Facts {
    static func lines(of answer: JSONValue, _ style: Style) -> [String] {
        var facts: [(name: String, value: String)] = []
        var tables: [(name: String, rows: [JSONValue])] = []
        collect(answer, under: "", &facts, &tables)
        let width = facts.reduce(0) { max($0, $1.name.count) }
        var lines = facts.map { name, value in
            style.paint(name.padded(to: width), .quiet) + "  " + style.paint(value.printable, Style.tone(of: value))
        }
        for table in tables {
            if !lines.isEmpty { lines.append("") }
            lines.append(style.paint(table.name, .heading))
            lines += Self.table(of: table.rows).lines(style).map { "  " + $0 }
        }
        return lines
    }

    private static func collect(
        _ value: JSONValue, under name: String, _ facts: inout [(name: String, value: String)],
        _ tables: inout [(name: String, rows: [JSONValue])]
    ) {
        switch value {
        case .object(let members):
            for member in members {
                collect(member.value, under: name.isEmpty ? member.name : "\(name).\(member.name)", &facts, &tables)
            }
        case .array(let elements) where elements.first?.members != nil: tables.append((name, elements))
        default: if let shown = value.shown { facts.append((name, shown)) }
        }
    }

    /// A column for each name that has a value in one of the rows, in their order.
    static func table(of rows: [JSONValue]) -> Table {
        var names: [String] = []
        for row in rows {
            for member in row.members ?? [] where member.value.shown != nil && !names.contains(member.name) {
                names.append(member.name)
            }
        }
        return Table(
            head: names.map { $0.uppercased().split(separator: "_").joined(separator: " ") },
            rows: rows.map { row in
                names.map { name in
                    guard let text = row.text(name) else { return Table.Cell(row[name]) }
                    return .word(text)
                }
            })
    }
}
