import Testing
import WaypostCore
import WaypostJSON
import WaypostStore

@testable import WaypostAPI

@Suite struct ConsentBodyTests {
    static let consent = Consent(
        channel: .sms, address: "+14155550100", state: .granted, purpose: "marketing", source: "form", proof: nil,
        at: noon, recordedAt: noon + .seconds(1), by: "shop")

    /// For the validator.
    static let answers: [(schema: String, body: [UInt8])] = [
        ("Consent", ConsentBody.bytes(consent)),
        (
            "ConsentRecord",
            ConsentBody.bytes(
                ListedAddress(unchecked: "+14155550100", on: .sms), standing: [consent], history: [consent, consent],
                next: Cursor(seq: 1))
        ),
    ]

    @Test func `an entry is read with its defaults, and checked`() throws {
        func read(_ text: String) throws -> Result<ConsentFields, Problem> {
            ConsentFields.decode(try JSONValue(parsing: Array(text.utf8)), at: noon)
        }
        #expect(
            try read(#"{"state": "denied"}"#).get()
                == .init(state: .denied, purpose: "", source: nil, proof: nil, at: nil))
        let whole = #"{"state":"granted","purpose":"news","source":"form","proof":"p","at":"2020-01-01T00:00:00Z"}"#
        let fields = try read(whole).get()
        #expect(fields.state == .granted && fields.purpose == "news" && fields.source == "form" && fields.proof == "p")
        for (text, expected) in [
            ("{}", ProblemCode.invalid), (#"{"state":"withdrawn"}"#, .invalid), (#"{"state":true}"#, .malformed),
            (#"{"state":"granted","at":"2999-01-01T00:00:00Z"}"#, .invalid),
            (#"{"state":"granted","x":1}"#, .malformed),
            (#"{"state":"granted","purpose":"a\nb"}"#, .invalid),
        ] {
            #expect(code(try read(text)) == expected, "\(text)")
        }
    }

    @Test func `a recipient is pointed at where it stands in its request`() throws {
        let body = try JSONValue(
            parsing: Array(
                #"{"to": ["a@x.org", {"email": "b@x.org"}], "content": {"cc": "c@x.org", "bcc": ["d@x.org"]}}"#.utf8))
        let roles: [Delivery.Role] = [.to, .to, .cc, .bcc]
        let deliveries = roles.enumerated().map { Delivery(ordinal: $0, role: $1, address: "") }
        let whole = RecipientPlaces(message: body)
        #expect(
            (0..<4).map { whole.pointer(to: $0, of: deliveries) } == [
                "/to/0", "/to/1", "/content/cc", "/content/bcc/0",
            ])
        let inBatch = RecipientPlaces(message: body, at: "/messages/3")
        #expect(inBatch.pointer(to: 2, of: deliveries) == "/messages/3/content/cc")
        let shared = try JSONValue(parsing: Array(#"{"content": {"cc": ["c@x.org"]}}"#.utf8))
        let alone = RecipientPlaces(recipient: ["to": "a@x.org"], at: "/recipients/7", of: shared)
        #expect(alone.pointer(to: 0, of: deliveries) == "/recipients/7/to")
        #expect(alone.pointer(to: 2, of: deliveries) == "/content/cc/0")
        #expect(RecipientPlaces.unnamed.pointer(to: 0, of: deliveries) == "")
    }
}
