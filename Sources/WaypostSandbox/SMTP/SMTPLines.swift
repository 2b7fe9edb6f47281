/// Reads command lines and mail data from a channel.
struct SMTPLines {
    /// What one line can turn out to be.
    enum Line: Equatable {
        case text([UInt8])
        /// It does not end with CRLF, or is too long.
        case malformed
        case ended
    }

    /// Mail data with the doubled dots undone.
    struct Mail: Equatable {
        var bytes: [UInt8] = []
        /// Why it cannot be taken; the data was read to its end nevertheless.
        var refusal: SMTPReply?
    }

    /// RFC 5321 wants 512; AUTH responses may take 12,288 (RFC 4954 section 4).
    private static let maximumLine = 12_288
    /// RFC 5321 section 4.5.3.1.6, CRLF included.
    private static let maximumTextLine = 1_000

    private var channel: any ByteChannel
    private var buffer: [UInt8] = []
    private var start = 0

    init(_ channel: any ByteChannel) { self.channel = channel }

    /// Nothing more has come yet: replies that were held back for a pipelining client must go out now.
    var isEmpty: Bool { start == buffer.count }

    /// Goes on over another channel. What came before is forgotten: whoever sent commands behind STARTTLS in clear text
    /// might not be who shakes hands (CVE-2011-0411).
    mutating func `switch`(to channel: any ByteChannel) { self = SMTPLines(channel) }

    /// The next line, without CRLF.
    mutating func line() -> Line {
        guard let range = nextLine(atMost: Self.maximumLine) else {
            return isEmpty || buffer.count - start < Self.maximumLine ? .ended : .malformed
        }
        guard range.count >= 2, buffer[range.upperBound - 2] == 0x0D else { return .malformed }
        return .text(Array(buffer[range.dropLast(2)]))
    }

    /// Everything up to the line that is a dot; nil when the client leaves before.
    mutating func mail(atMost maximum: Int) -> Mail? {
        var mail = Mail()
        while let range = nextLine(atMost: 1 << 20) {
            let line = buffer[range]
            guard line.count >= 2, line[line.endIndex - 2] == 0x0D, !line.dropLast(2).contains(0x0D) else {
                // A receiver that takes bare newlines for line ends can be made to see a second mail (CVE-2023-51764).
                mail.refusal = SMTPReply(550, "5.6.11 a line must end with CR LF, and neither may stand alone")
                continue
            }
            if line.elementsEqual([UInt8(ascii: "."), 0x0D, 0x0A]) { return mail }
            if line.count > Self.maximumTextLine + 1 { mail.refusal = SMTPReply(550, "5.6.0 a line is too long") }
            guard mail.refusal == nil else { continue }
            mail.bytes.append(contentsOf: line.first == UInt8(ascii: ".") ? line.dropFirst() : line)
            if mail.bytes.count > maximum { mail = Mail(refusal: SMTPReply(552, "5.3.4 the message is too big")) }
        }
        return nil
    }

    /// Where the next line lies, its LF included; nil at the end of the stream or of patience. Consumes it.
    private mutating func nextLine(atMost maximum: Int) -> Range<Int>? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0A) {
                defer { start = end + 1 }
                return start..<(end + 1)
            }
            guard buffer.count - start < maximum else { return nil }
            searched = buffer.count - start
            buffer.removeFirst(start)
            start = 0
            guard fill() else { return nil }
        }
    }

    private mutating func fill() -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 1) { scratch in
            let count = channel.read(into: scratch)
            buffer.append(contentsOf: scratch[..<count])
            return count > 0
        }
    }
}
