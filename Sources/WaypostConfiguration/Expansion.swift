/// Replaces `${NAME}` and `${NAME:-default}` from the environment, `$$` by a dollar, and then a whole value of the form
/// `file:PATH` by what stands in that file.
///
/// It sees one scalar after parsing, so nothing in a variable or a file can change the file's structure. What was put in
/// is not expanded again.
struct Expansion {
    let environment: [String: String]
    /// Relative paths begin here: the folder of the configuration file.
    let folder: String

    /// Longer secrets than this are a wrong file name. In bytes.
    static let maxSecretSize = 1 << 20

    struct Flaw: Error, Equatable {
        let complaint: String
        let wayOut: String
    }

    func scalar(_ raw: String, isPlain: Bool) throws(Flaw) -> ConfigurationNode.Scalar {
        let text = raw.utf8.contains(UInt8(ascii: "$")) ? try expanded(raw) : raw
        guard let path = Self.path(in: text) else { return .init(text: text, isPlain: isPlain) }
        return .init(text: try contents(of: path), isPlain: isPlain, isFromFile: true)
    }

    /// The path of `file:/path` or `file:path`; nil for other text, `file: with a blank` included.
    private static func path(in text: String) -> Substring? {
        guard text.utf8.starts(with: "file:".utf8) else { return nil }
        let path = text.dropFirst(5)
        guard let first = path.utf8.first, first > 0x20 else { return nil }
        return path
    }

    private func expanded(_ raw: String) throws(Flaw) -> String {
        var text = ""
        var rest = raw[...]
        while let dollar = rest.firstIndex(of: "$") {
            text += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            switch rest.first {
            case "$":
                text += "$"
                rest = rest.dropFirst()
            case "{":
                guard let end = rest.firstIndex(of: "}") else {
                    throw Flaw(complaint: "has ${ without a closing }", wayOut: "write $$ for a dollar")
                }
                text += try value(of: rest[rest.index(after: rest.startIndex)..<end])
                rest = rest[rest.index(after: end)...]
            default: text += "$"
            }
        }
        return text + rest
    }

    /// `NAME` or `NAME:-default`; as in a shell, the default also stands in for an empty variable.
    private func value(of reference: Substring) throws(Flaw) -> String {
        let name = reference.prefix { $0 != ":" }
        guard Self.isName(name) else {
            throw Flaw(
                complaint: "has ${…} without a variable's name in it",
                wayOut: "write ${NAME}, ${NAME:-default}, or $$ for a dollar")
        }
        let value = environment[String(name)]
        let suffix = reference[name.endIndex...]
        guard !suffix.isEmpty else {
            if let value { return value }
            throw Flaw(
                complaint: "needs the environment variable \(name), which is not set",
                wayOut: "set it, or write ${\(name):-default}")
        }
        guard suffix.utf8.starts(with: ":-".utf8) else {
            throw Flaw(complaint: "has ${\(name)… in a form that is not known", wayOut: "write ${\(name):-default}")
        }
        if let value, !value.isEmpty { return value }
        return String(suffix.dropFirst(2))
    }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
            default: false
            }
        }
    }

    private func contents(of path: Substring) throws(Flaw) -> String {
        let path = FilePath.absolute(String(path), in: folder)
        let bytes: [UInt8]
        do throws(FileContents.Flaw) {
            bytes = try FileContents.read(path, atMost: Self.maxSecretSize)
        } catch {
            throw Flaw(
                complaint: "cannot be read from \(path): \(error.reason)", wayOut: "check the path and its rights")
        }
        guard var text = String(validating: bytes, as: UTF8.self) else {
            throw Flaw(complaint: "names \(path), which is not UTF-8 text", wayOut: "check the path")
        }
        if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }  // CRLF is one Character
        guard !text.isEmpty else { throw Flaw(complaint: "names \(path), which is empty", wayOut: "fill it") }
        return text
    }
}
