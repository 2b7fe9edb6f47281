import Testing

@testable import WaypostDiagnostics

@Suite struct DNSMessageTests {
    /// `example.com. TXT`, as a server answered: two records, the first in two strings, names by pointer; an OPT record follows.
    static let recorded: [UInt8] =
        [0x1A, 0x2B, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 1]
        + [7] + Array("example".utf8) + [3] + Array("com".utf8) + [0, 0, 16, 0, 1]
        + [0xC0, 0x0C, 0, 16, 0, 1, 0, 0, 0x0E, 0x10, 0, 13] + [7] + Array("v=spf1 ".utf8) + [4] + Array("-all".utf8)
        + [0xC0, 0x0C, 0, 16, 0, 1, 0, 0, 0x0E, 0x10, 0, 6] + [5] + Array("other".utf8)
        + [0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, 0]

    /// A name that leads elsewhere by CNAME, whose text record follows.
    static let byAlias: [UInt8] =
        [0, 1, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0]
        + [2] + Array("s1".utf8) + [1] + Array("a".utf8) + [0, 0, 16, 0, 1]
        + [0xC0, 0x0C, 0, 5, 0, 1, 0, 0, 0, 60, 0, 4] + [1] + Array("b".utf8) + [0xC0, 0x0F]
        + [0xC0, 0x0C, 0, 16, 0, 1, 0, 0, 0, 60, 0, 4] + [3] + Array("p=x".utf8)

    @Test func `text records are read, their strings joined, other records passed over`() {
        #expect(DNSMessage.texts(in: Self.recorded) == ["v=spf1 -all", "other"])
        #expect(DNSMessage.texts(in: Self.byAlias) == ["p=x"])
    }

    @Test func `an answer that is cut anywhere is refused, and never read past its end`() {
        let end = Self.recorded.count - 11  // the OPT record is not looked at
        for length in 0..<end { #expect(DNSMessage.texts(in: Array(Self.recorded.prefix(length))) == nil, "\(length)") }
        #expect(DNSMessage.texts(in: Array(Self.recorded.prefix(end)))?.count == 2)
    }

    @Test func `a string longer than its record, and a question, are no answers`() {
        var message = Self.recorded
        let string = 12 + 13 + 4 + 12
        message[string] = 200
        #expect(DNSMessage.texts(in: message) == nil)
        var question = Self.recorded
        question[2] = 1
        #expect(DNSMessage.texts(in: question) == nil)
    }
}
