/// The label values of one series, written out once when it is made.
struct SeriesLabels: Sendable {
    /// `a="x",b="y"` in the order of the family.
    let declared: [UInt8]
    /// The same sorted by name, as OpenMetrics' reference writers do, parted where a histogram's `le` goes.
    let sortedBeforeBound: [UInt8]
    let sortedAfterBound: [UInt8]

    init(_ names: [String], _ values: [String]) {
        let pairs = zip(names, values).map { (name: $0, value: $1) }
        let sorted = pairs.sorted { $0.name < $1.name }
        declared = Self.text(pairs)
        sortedBeforeBound = Self.text(sorted.filter { $0.name < "le" })
        sortedAfterBound = Self.text(sorted.filter { $0.name > "le" })
    }

    var isEmpty: Bool { declared.isEmpty }

    private static func text(_ pairs: [(name: String, value: String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, pair) in pairs.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: pair.name.utf8)
            bytes.append(contentsOf: "=\"".utf8)
            bytes.appendEscaped(pair.value, quotes: true)
            bytes.append(UInt8(ascii: "\""))
        }
        return bytes
    }
}

extension [UInt8] {
    /// Both formats escape backslash and newline everywhere, and the quote where the text stands in quotes.
    mutating func appendEscaped(_ text: String, quotes: Bool) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): append(contentsOf: "\\\\".utf8)
            case UInt8(ascii: "\n"): append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\"") where quotes: append(contentsOf: "\\\"".utf8)
            default: append(byte)
            }
        }
    }
}
