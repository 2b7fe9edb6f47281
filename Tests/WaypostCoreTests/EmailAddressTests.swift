import Testing
import WaypostCore

@Suite struct EmailAddressTests {
    static let long = String(repeating: "a", count: 63)

    @Test(arguments: [
        "jane@example.com", "j@e.co", "jane.doe+tag@example.co.uk", "!#$%&'*+-/=?^_`{|}~@example.com",
        "\"jane doe\"@example.com",
        "\"jane\\\"doe\"@example.com", "\"a@b\"@example.com", "\"\\\\\"@example.com", "jane@xn--bcher-kva.example",
        "jane@bücher.example",
        "jane@BÜCHER.example", "jäne@example.com", "用户@例え.テスト", "1@2.example", "a@1.2.example3", "jane@ex-ample.com",
        "jane@a--b.com",
        "\(long)a@example.com", "a@\(long).com", "a@\(long).\(long).\(long).com", "\"\u{301}a\"@example.com",
        "jane@straße.example",
    ])
    func `an address is taken`(text: String) throws {
        let address = try EmailAddress(text)
        #expect("\(address.local)@\(address.domain)" == text)
    }

    @Test(arguments: [
        ("", "it has no @"), ("jane", "it has no @"), ("@example.com", "nothing stands before its @"),
        ("jane@", "its domain needs at least two labels, like example.com"),
        ("jane@localhost", "its domain needs at least two labels, like example.com"),
        ("jane@example..com", "its domain has a label that is not 1 to 63 letters, digits and inner hyphens"),
        ("jane@.example.com", "its domain has a label that is not 1 to 63 letters, digits and inner hyphens"),
        ("jane@example.com.", "its domain has a label that is not 1 to 63 letters, digits and inner hyphens"),
        ("jane@-example.com", "its domain has a label that is not 1 to 63 letters, digits and inner hyphens"),
        ("jane@example-.com", "its domain has a label that is not 1 to 63 letters, digits and inner hyphens"),
        ("jane@exa_mple.com", "its domain has a label that is not 1 to 63 letters, digits and inner hyphens"),
        ("jane@exa mple.com", "its domain has a label that is not 1 to 63 letters, digits and inner hyphens"),
        ("jane@example.com ", "its domain has a label that is not 1 to 63 letters, digits and inner hyphens"),
        ("jane@example.com\r\nBcc: x@y.z", "a character before its @ may stand only in quotes, or not at all"),
        ("jane@example.com\r\nBcc: x", "its domain has a label that is not 1 to 63 letters, digits and inner hyphens"),
        ("jane@example.com>", "its domain has a label that is not 1 to 63 letters, digits and inner hyphens"),
        ("jane@\u{301}a.com", "its domain has a label that is not 1 to 63 letters, digits and inner hyphens"),
        ("jane@a\u{200B}b.com", "its domain has a label that is not 1 to 63 letters, digits and inner hyphens"),
        ("jane@💩.example", "its domain has a label that is not 1 to 63 letters, digits and inner hyphens"),
        ("jane@例え。テスト", "its domain needs at least two labels, like example.com"),
        ("a@\(long)a.com", "its domain has a label that is not 1 to 63 letters, digits and inner hyphens"),
        (
            "a@\(String(repeating: "ü", count: 62)).com",
            "its domain has a label that is not 1 to 63 letters, digits and inner hyphens"
        ),
        ("jane@192.0.2.1", "its domain is an IP address or ends in a number"),
        ("jane@[192.0.2.1]", "a domain name is needed, not an address literal"),
        (" jane@example.com", "a character before its @ may stand only in quotes, or not at all"),
        ("ja ne@example.com", "a character before its @ may stand only in quotes, or not at all"),
        ("Jane <jane@example.com", "a character before its @ may stand only in quotes, or not at all"),
        ("a,b@example.com", "a character before its @ may stand only in quotes, or not at all"),
        ("a@b@example.com", "a character before its @ may stand only in quotes, or not at all"),
        ("ja\u{0}ne@example.com", "a character before its @ may stand only in quotes, or not at all"),
        (".jane@example.com", "a dot stands at an end of what is before its @"),
        ("jane.@example.com", "a dot stands at an end of what is before its @"),
        ("ja..ne@example.com", "two dots stand side by side before its @"),
        ("\"\"@example.com", "the quotes before its @ do not match"),
        ("\"jane@example.com", "the quotes before its @ do not match"),
        ("\"ja\"ne\"@example.com", "the quotes before its @ do not match"),
        ("\"jane\\\"@example.com", "the quotes before its @ do not match"),
        ("\"ja\nne\"@example.com", "a control character stands before its @"),
        ("\(long)aa@example.com", "more than 64 octets stand before its @"),
        ("\(String(repeating: "ü", count: 33))@example.com", "more than 64 octets stand before its @"),
        ("\(long)@\(long).\(long).\(long).co", "it is longer than 254 octets"),
    ])
    func `anything else is refused, and why`(text: String, complaint: String) {
        #expect {
            try EmailAddress(text)
        } throws: { error in
            (error as? EmailAddress.Flaw)?.complaint == complaint
        }
    }

    @Test func `the longest address is 254 octets`() throws {
        let domain = "\(Self.long).\(Self.long).\(Self.long)"
        let local = String(repeating: "a", count: 254 - domain.utf8.count - 1)
        _ = try EmailAddress("\(local)@\(domain)")
    }

    @Test func `the domain can be written in ASCII`() throws {
        let address = try EmailAddress("Jäne@Bücher.Example")
        #expect(address.withASCIIDomain == "Jäne@xn--bcher-kva.example")
        #expect(!address.hasASCIILocal)
        #expect(try EmailAddress("Jane@Example.COM").withASCIIDomain == "Jane@Example.COM")
    }

    @Test(arguments: [
        ("Jane@Example.COM", "jane@example.com"), ("  jane@example.com\r\n", "jane@example.com"),
        ("jane@BÜCHER.example", "jane@xn--bcher-kva.example"),
        ("jane@xn--bcher-kva.example", "jane@xn--bcher-kva.example"),
        ("\"jane\"@example.com", "jane@example.com"), ("\"jane doe\"@example.com", "\"jane doe\"@example.com"),
        ("\"a..b\"@example.com", "\"a..b\"@example.com"), ("JÄNE@example.com", "jäne@example.com"),
        ("  Not an address ", "not an address"),
        ("", ""), ("   ", ""),
    ])
    func `look-ups know one spelling`(text: String, normalized: String) {
        #expect(NormalizedAddress.email(text) == normalized)
        #expect(NormalizedAddress.email(normalized) == normalized)
        #expect(NormalizedAddress.of(text, on: .email) == normalized)
    }

    @Test func `other channels are only trimmed`() {
        #expect(NormalizedAddress.of(" +15550100 ", on: .sms) == "+15550100")
        #expect(NormalizedAddress.of("Token:ABC", on: .push) == "Token:ABC")
    }
}
