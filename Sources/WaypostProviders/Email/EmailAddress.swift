import WaypostCore

/// The forms of an address that the wire takes.
enum EmailAddress {
    /// With the domain in ASCII (RFC 5891), which every server takes; the local part stays as it is.
    static func wire(_ address: String) -> String {
        guard !address.utf8.allSatisfy({ $0 < 0x80 }), let at = address.lastIndex(of: "@") else { return address }
        return address[...at] + DomainName.ascii(address[address.index(after: at)...])
    }

    /// Whether the local part holds anything beyond ASCII, so that only a server with SMTPUTF8 (RFC 6531) takes it.
    static func needsUTF8(_ address: String) -> Bool {
        address.prefix { $0 != "@" }.utf8.contains { $0 >= 0x80 }
    }

    /// What follows the last `@`, in ASCII; `localhost` where there is none.
    static func domain(of address: String) -> String {
        guard let at = address.lastIndex(of: "@") else { return "localhost" }
        return DomainName.ascii(address[address.index(after: at)...])
    }
}

extension Mailbox {
    /// The same with its address in the form of the wire.
    var wire: Mailbox { Mailbox(email: EmailAddress.wire(email), name: name) }
}
