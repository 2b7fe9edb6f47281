/// Reads comma-separated values record by record (RFC 4180): fields in quotes may hold commas, line breaks and doubled
/// quotes; a line ends with CRLF or LF; lines without anything are passed over. A byte order mark at the start is dropped.
///
/// A record that cannot be read is told of and does not spoil the next: reading goes on after its line.
package struct CSVReader {
    /// Why a record cannot be read, worded to follow its place.
    package struct Flaw: Error, Equatable, Sendable {
        package var complaint: String
    }

    private let bytes: [UInt8]
    private var position: Int
    /// Fields of one record, at most.
    private static let fieldLimit = 64

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The next record's fields; nil at the end.
    package mutating func next() -> Result<[String], Flaw>? {
        while position < bytes.count, isLineBreak(at: position) { position += 1 }
        guard position < bytes.count else { return nil }
        do throws(Flaw) {
            return .success(try record())
        } catch {
            while position < bytes.count, bytes[position] != Self.newline { position += 1 }
            return .failure(error)
        }
    }

    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let newline = UInt8(ascii: "\n")

    private func isLineBreak(at place: Int) -> Bool {
        bytes[place] == Self.newline
            || bytes[place] == 0x0D && (place + 1 == bytes.count || bytes[place + 1] == Self.newline)
    }

    private mutating func record() throws(Flaw) -> [String] {
        var fields: [String] = []
        while true {
            guard fields.count < Self.fieldLimit else { throw Flaw(complaint: "has more than 64 fields") }
            let isQuoted = position < bytes.count && bytes[position] == Self.quote
            fields.append(isQuoted ? try quoted() : try plain())
            guard position < bytes.count, bytes[position] == Self.comma else { return fields }
            position += 1
        }
    }

    private mutating func plain() throws(Flaw) -> String {
        let start = position
        while position < bytes.count, bytes[position] != Self.comma, !isLineBreak(at: position) {
            if bytes[position] == Self.quote {
                throw Flaw(complaint: "holds a quote in a field that does not begin with one")
            }
            position += 1
        }
        return try text(bytes[start..<position])
    }

    private mutating func quoted() throws(Flaw) -> String {
        let opening = position
        var content: [UInt8] = []
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            guard byte == Self.quote else {
                content.append(byte)
                continue
            }
            if position < bytes.count, bytes[position] == Self.quote {
                content.append(Self.quote)
                position += 1
                continue
            }
            guard position == bytes.count || bytes[position] == Self.comma || isLineBreak(at: position) else {
                throw Flaw(complaint: "goes on after the quote that ends a field")
            }
            return try text(content[...])
        }
        position = opening  // all that follows was swallowed by the quote: only this line is lost
        throw Flaw(complaint: "has a quote that is not closed")
    }

    private func text(_ bytes: ArraySlice<UInt8>) throws(Flaw) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Flaw(complaint: "is not valid UTF-8") }
        return text
    }
}
