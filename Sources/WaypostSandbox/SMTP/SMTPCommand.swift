/// One command line of a client, read strictly: RFC 5321 section 4.1, with the extensions that the stand-in offers.
enum SMTPCommand: Equatable, Sendable {
    case ehlo(String)
    case helo(String)
    case startTLS
    case auth(mechanism: String, initial: String?)
    case mail(MailFrom)
    case rcpt(String)
    case data, rset, noop, quit

    /// What MAIL announces.
    struct MailFrom: Equatable, Sendable {
        /// Empty for `<>`.
        var address: String
        /// SIZE=, RFC 1870.
        var size: Int?
        /// SMTPUTF8, RFC 6531.
        var isInternational = false
    }

    /// The reply to a line that is no command.
    struct Refusal: Error, Equatable, Sendable {
        var reply: SMTPReply
        init(_ code: Int, _ text: String) { reply = SMTPReply(code, text) }
    }

    /// Reads a line without its CRLF.
    init(parsing line: [UInt8]) throws(Refusal) {
        guard let text = String(validating: line, as: UTF8.self),
            !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
        else { throw Refusal(500, "5.5.2 a command is one line of text") }
        let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        let verb = parts[0].uppercased()
        let rest = parts.count > 1 ? String(parts[1]) : ""
        switch verb {
        case "EHLO", "HELO":
            guard !rest.isEmpty, !rest.contains(" ") else { throw Refusal(501, "5.5.4 \(verb) needs a name") }
            self = verb == "EHLO" ? .ehlo(rest) : .helo(rest)
        case "AUTH":
            let words = rest.split(separator: " ", omittingEmptySubsequences: false)
            guard (1...2).contains(words.count), !words[0].isEmpty else {
                throw Refusal(501, "5.5.4 AUTH mechanism [response]")
            }
            self = .auth(mechanism: words[0].uppercased(), initial: words.count > 1 ? String(words[1]) : nil)
        case "MAIL": self = .mail(try Self.mailFrom(rest))
        case "RCPT":
            let (address, parameters) = try Self.path(rest, after: "TO:")
            guard parameters.isEmpty else { throw Refusal(555, "5.5.4 RCPT takes no parameters here") }
            guard address.looksLikeAddress else { throw Refusal(553, "5.1.3 that is no address") }
            self = .rcpt(address)
        case "STARTTLS", "DATA", "RSET", "QUIT":
            guard parts.count == 1 else { throw Refusal(501, "5.5.4 \(verb) takes no parameters") }
            self = verb == "STARTTLS" ? .startTLS : verb == "DATA" ? .data : verb == "RSET" ? .rset : .quit
        case "NOOP": self = .noop
        case "VRFY", "EXPN", "HELP": throw Refusal(502, "5.5.1 not implemented")
        default: throw Refusal(500, "5.5.1 unknown command")
        }
    }

    /// Where in the conversation the line stands, for faults; by its verb alone, right or wrong.
    static func stage(of line: [UInt8]) -> Fault.Stage? {
        switch String(decoding: line.prefix(4), as: UTF8.self).uppercased() {
        case "EHLO", "HELO": .ehlo
        case "AUTH": .auth
        case "MAIL": .mail
        case "RCPT": .rcpt
        case "DATA": .data
        default: nil
        }
    }

    private static func mailFrom(_ rest: String) throws(Refusal) -> MailFrom {
        let (address, parameters) = try path(rest, after: "FROM:")
        guard address.isEmpty || address.looksLikeAddress else { throw Refusal(553, "5.1.7 that is no address") }
        var mail = MailFrom(address: address)
        for parameter in parameters {
            let pair = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            switch (pair[0].uppercased(), pair.count > 1 ? String(pair[1]) : nil) {
            case ("SIZE", let size?) where size.utf8.count <= 18 && Int(size) ?? -1 >= 0: mail.size = Int(size)
            case ("BODY", let body?) where ["7BIT", "8BITMIME"].contains(body.uppercased()): break
            case ("SMTPUTF8", nil): mail.isInternational = true
            case ("AUTH", _?): break  // RFC 4954 section 5: may be ignored
            default: throw Refusal(555, "5.5.4 \(pair[0]) is not a parameter here")
            }
        }
        return mail
    }

    /// `FROM:<address> parameter …`, without any blank after the colon, as RFC 5321 section 3.3 insists.
    private static func path(_ rest: String, after keyword: String) throws(Refusal) -> (String, [Substring]) {
        guard rest.prefix(keyword.count).uppercased() == keyword else {
            throw Refusal(501, "5.5.4 \(keyword) must follow")
        }
        let path = rest.dropFirst(keyword.count)
        guard path.first == "<", let end = path.firstIndex(of: ">") else {
            throw Refusal(501, "5.5.4 the address must stand between < and >")
        }
        let after = path[path.index(after: end)...]
        guard after.isEmpty || after.first == " " else { throw Refusal(501, "5.5.4 a blank must follow >") }
        return (String(path[path.index(after: path.startIndex)..<end]), after.split(separator: " "))
    }
}
