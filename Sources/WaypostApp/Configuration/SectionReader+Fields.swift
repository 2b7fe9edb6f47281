import WaypostConfiguration
import WaypostCore
import WaypostHTTP

/// The kinds of values that several sections take.
extension SectionReader {
    /// `host:port`.
    mutating func listenAddress(_ key: String) -> ListenAddress? {
        guard let text = string(key) else { return nil }
        guard let address = ListenAddress(text) else {
            complain(key, "\"\(text)\" is not host:port", wayOut: "write 127.0.0.1:8080, [::1]:8080 or 0.0.0.0:8080")
            return nil
        }
        return address
    }

    /// Address blocks; an empty list where the key is not set.
    mutating func networks(_ key: String) -> [CIDR] {
        var networks: [CIDR] = []
        _ = stringList(key) { text in
            do throws(CIDR.Flaw) {
                networks.append(try CIDR(text))
                return nil
            } catch {
                return (error.complaint, "write a block like 10.0.0.0/8, or an address")
            }
        }
        return networks
    }

    /// An `http` or `https` URL to build others upon: without a slash at its end, with neither user, query nor fragment.
    mutating func url(_ key: String) -> String? {
        guard let text = string(key) else { return nil }
        let complaint: String
        if let url = ServiceURL(text), url.scheme == "http" || url.scheme == "https" {
            if url.user == nil, !url.hasQueryOrFragment { return url.text }
            // Not quoted: what stands before the @ may be a password.
            complaint = url.user != nil ? "names a user" : "has a query or a fragment"
        } else {
            complaint = "is not a URL"
        }
        complain(key, complaint, wayOut: "write https://host, https://host:port or https://host/path")
        return nil
    }

    /// A sender: `{email: news@example.com, name: Example}`, or the address alone. Complains where there is none.
    mutating func requiredMailbox(_ key: String) -> Mailbox? {
        var mailbox: Mailbox?
        if isSection(key), var section = section(key) {
            let name = section.string("name")
            mailbox = section.requiredString("email").flatMap { section.checked($0, "email") }
            mailbox?.name = name
            section.finish()
        } else {
            mailbox = requiredString(key).flatMap { checked($0, key) }
        }
        return mailbox
    }

    private func checked(_ address: String, _ key: String) -> Mailbox? {
        do throws(EmailAddress.Flaw) {
            _ = try EmailAddress(address)
            return Mailbox(email: address)
        } catch {
            complain(
                key, "\"\(address)\" is not an address: \(error.complaint)", wayOut: "write one like news@example.com")
            return nil
        }
    }

    /// A number in the form of E.164, plus sign first.
    mutating func phone(_ key: String) -> String? {
        guard let text = string(key) else { return nil }
        let digits = text.utf8.dropFirst()
        guard text.utf8.first == UInt8(ascii: "+"), (7...15).contains(digits.count), digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ (0x30...0x39).contains($0) })
        else {
            complain(
                key, "\"\(text)\" is not a phone number", wayOut: "write it with its country code, like \"+15550100\"")
            return nil
        }
        return text
    }

    /// An account's name at a maker: visible ASCII without a slash, since it goes into paths and headers.
    mutating func identifier(_ key: String, prefix: String = "") -> String? {
        guard let text = string(key) else { return nil }
        guard text.hasPrefix(prefix) else {
            complain(key, "does not begin with \(prefix)", wayOut: "copy it from the maker's console")
            return nil
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x2F && $0 != 0x7F }) else {
            complain(key, "holds a blank or a slash", wayOut: "copy it from the maker's console")
            return nil
        }
        return text
    }

    /// `identifier`, and a complaint where there is none.
    mutating func requiredIdentifier(_ key: String, prefix: String = "") -> String? {
        if !has(key) { complain(key, "is missing", wayOut: "add it") }
        return identifier(key, prefix: prefix)
    }
}
