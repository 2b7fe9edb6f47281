import Testing
import WaypostJSON

@testable import WaypostSandbox

@Suite struct SESEmailCheckTests {
    private func check(_ text: String) throws -> SESEmailCheck {
        var check = SESEmailCheck()
        check.check(try JSONValue(parsing: Array(text.utf8)))
        return check
    }

    private static let body = #""Content":{"Simple":{"Subject":{"Data":"Hi"},"Body":{"Text":{"Data":"x"}}}}"#
    private static let from = #""FromEmailAddress":"Shop <shop@example.com>""#
    private static let to = #""Destination":{"ToAddresses":["A <a@example.com>"],"BccAddresses":["b@example.com"]}"#

    @Test func `a whole mail passes, with its ids and bare recipients`() throws {
        let tags =
            #""EmailTags":[{"Name":"waypost_message","Value":"msg_1"},{"Name":"waypost_attempt","Value":"att_1"}]"#
        let check = try check("{\(Self.from),\(Self.to),\(Self.body),\(tags)}")
        #expect(check.shape.complaints.isEmpty)
        #expect(check.take == Take(message: "msg_1", attempt: "att_1", recipients: ["a@example.com", "b@example.com"]))
    }

    @Test func `a raw mail carries its ids in the header and its recipients there too`() throws {
        let raw = Base64Text.encode(
            "X-Waypost-Id: msg_1\r\nX-Waypost-Attempt: att_1\r\nTo: A <a@example.com>\r\n\r\nx\r\n")
        let check = try check(#"{"Content":{"Raw":{"Data":"\#(raw)"}}}"#)
        #expect(check.shape.complaints.isEmpty)
        #expect(check.take == Take(message: "msg_1", attempt: "att_1", recipients: ["a@example.com"]))
    }

    @Test(arguments: [
        ("{\(to),\(body)}", "FromEmailAddress is required"), ("{\(from),\(body)}", "Destination is required"),
        ("{\(from),\(to)}", "Content is required"),
        (#"{\#(from),"Destination":{"ToAddresses":[]},\#(body)}"#, "has no recipients"),
        (#"{\#(from),"Destination":{"ToAddresses":["grüße@example.com"]},\#(body)}"#, "There are non-ASCII characters"),
        (#"{\#(from),\#(to),\#(body),"EmailTags":[{"Name":"a.b","Value":"c"}]}"#, "EmailTags.0.Name"),
        (#"{\#(from),\#(to),\#(body),"EmailTags":[{"Name":"a","Value":"b@c"}]}"#, "EmailTags.0.Value"),
        (#"{\#(from),\#(to),\#(body),"ConfigurationSetName":"a b"}"#, "ConfigurationSetName"),
        (#"{\#(from),\#(to),\#(body),"Tags":[]}"#, "has no Tags"),
        (
            #"{\#(from),\#(to),"Content":{"Simple":{"Subject":{"Data":"Grüße"},"Body":{"Text":{"Data":"x"}}}}}"#,
            "Content.Simple.Subject.Data is beyond 7-bit ASCII"
        ),
        (#"{\#(from),\#(to),"Content":{"Simple":{"Subject":{"Data":"x"},"Body":{}}}}"#, "must hold Text, Html or both"),
        (#"{\#(from),\#(to),"Content":{"Raw":{"Data":"eA=="}}}"#, "must be base64 of a header and a body"),
    ])
    func `a fault in the mail is named`(text: String, complaint: String) throws {
        let complaints = try check(text).shape.complaints
        #expect(complaints.contains { $0.contains(complaint) }, "\(complaints)")
    }

    @Test func `fifty recipients pass and fifty-one do not`() throws {
        for (count, passes) in [(50, true), (51, false)] {
            let half = (0..<25).map { #""a\#($0)@example.com""# }.joined(separator: ",")
            let rest = (25..<count).map { #""a\#($0)@example.com""# }.joined(separator: ",")
            let check = try check(
                #"{\#(Self.from),"Destination":{"ToAddresses":[\#(half)],"CcAddresses":[\#(rest)]},\#(Self.body)}"#)
            #expect(check.shape.complaints.isEmpty == passes)
        }
    }
}
