/// A reply of one or more lines (RFC 5321 section 4.2.1).
struct SMTPReply: Equatable, Sendable {
    var code: Int
    var lines: [String]

    init(_ code: Int, _ lines: String...) {
        self.code = code
        self.lines = lines
    }

    init(_ code: Int, lines: [String]) {
        self.code = code
        self.lines = lines
    }

    var bytes: [UInt8] {
        var text: [UInt8] = []
        for (index, line) in lines.enumerated() {
            text.append(contentsOf: "\(code)\(index == lines.count - 1 ? " " : "-")\(line)\r\n".utf8)
        }
        return text
    }

    /// What an ordinary server says with that code where a fault names no text.
    static func text(of code: Int) -> String {
        switch code {
        case 421: "4.3.2 the sandbox was told to close"
        case 450, 451: "4.3.0 the sandbox was told to refuse for now"
        case 452: "4.3.1 the sandbox was told to be full"
        case 535: "5.7.8 the sandbox was told to refuse the login"
        case 550: "5.1.1 the sandbox was told to refuse"
        case 200..<300: "2.0.0 the sandbox was told to answer this"
        case 400..<500: "4.0.0 the sandbox was told to refuse for now"
        default: "5.0.0 the sandbox was told to refuse"
        }
    }
}
