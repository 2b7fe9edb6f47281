import Testing
import WaypostAPI
import WaypostCore
import WaypostJSON

@Suite struct TextMessageFieldsTests {
    private func decode(_ channel: String, _ content: String, _ fields: String = "") throws -> Result<Draft, Problem> {
        let comma = fields.isEmpty ? "" : ","
        let to = fields.contains("\"to\"") ? "" : #""to": "+14155550100","#
        let body = #"{"channel": "\#(channel)", \#(to) \#(fields)\#(comma) "content": \#(content)}"#
        return SendMessage.decode(try JSONValue(parsing: Array(body.utf8)), at: noon)
    }

    @Test func `every field of a text message is read`() throws {
        let draft = try decode(
            "sms",
            """
            {"text": "Hello", "media_urls": ["https://example.com/a.png", "http://example.com/b"], "validity": "10h",
             "smart_encoded": true, "send_as_mms": false}
            """, #""to": {"phone": "+1 (415) 555-0100"}, "from": "Example", "send_at": "2025-01-16T12:00:00Z""#
        ).get()
        var sms = SMS(to: PhoneNumber(unchecked: "+14155550100"), text: "Hello")
        sms.from = "Example"
        sms.mediaURLs = ["https://example.com/a.png", "http://example.com/b"]
        sms.validity = .seconds(36_000)
        sms.smartEncoded = true
        sms.sendAsMMS = false
        #expect(draft.content == .sms(sms))
        #expect(draft.deliveries == [Delivery(ordinal: 0, role: .to, address: "+14155550100", state: .scheduled)])
        #expect(draft.user == nil)
        #expect(draft.template == nil)
    }

    @Test func `every field of a WhatsApp message is read`() throws {
        let draft = try decode(
            "whatsapp",
            #"{"template": {"name": "HX1", "language": "pt_BR", "variables": {"1": "Ann", "2": ""}}, "validity": "1m"}"#,
            #""from": "+31 6 12345678""#
        ).get()
        let message = try #require(draft.content.whatsapp)
        #expect(message.from == "+31612345678")
        #expect(message.validity == .seconds(60))
        #expect(
            message.template
                == .init(
                    name: "HX1", language: "pt_BR",
                    variables: [.init(key: "1", value: "Ann"), .init(key: "2", value: "")]))
        let plain = try decode("whatsapp", #"{"template": {"name": "HX1"}}"#).get().content.whatsapp
        #expect(plain?.template?.language == "en")
        #expect(
            try decode("whatsapp", #"{"media_urls": ["https://example.com/a"]}"#).get().content.whatsapp?.text == "")
    }

    @Test func `every field of a call is read`() throws {
        let draft = try decode(
            "voice",
            """
            {"say": {"text": "Hello", "language": "en-GB"}, "record": true, "recording_channels": "dual",
             "machine_detection": "detect_message_end", "async_amd": true, "timeout": "30s"}
            """, #""from": "+14155550101""#
        ).get()
        var call = Voice(
            to: PhoneNumber(unchecked: "+14155550100"), script: .say(text: "Hello", language: "en-GB"))
        call.from = "+14155550101"
        call.record = true
        call.recordingChannels = .dual
        call.machineDetection = .detectMessageEnd
        call.asyncAMD = true
        call.timeout = .seconds(30)
        #expect(draft.content == .voice(call))
        let url = try decode("voice", #"{"twiml_url": "http://example.com/a"}"#).get().content.voice
        #expect(url?.script == .twimlURL("http://example.com/a"))
        let twiml = try decode("voice", #"{"twiml": "<Response/>"}"#).get().content.voice
        #expect(twiml?.script == .twiml("<Response/>"))
    }

    @Test(arguments: [
        ("sms", #"{"text": 5}"#), ("sms", #"{"text": "a", "media_urls": "https://example.com"}"#),
        ("sms", #"{"text": "a", "body": "b"}"#), ("sms", #"{"text": "a", "validity": 60}"#),
        ("sms", #"{"text": "a", "smart_encoded": "yes"}"#), ("sms", #"[]"#),
        ("sms", #"{"text": "a", "media_urls": [5]}"#),
        ("whatsapp", #"{"template": "x"}"#), ("whatsapp", #"{"template": {"name": "x", "variables": {"1": 1}}}"#),
        ("whatsapp", #"{"template": {"name": "x", "id": "y"}}"#), ("whatsapp", #"{"text": "a", "send_as_mms": true}"#),
        ("voice", #"{"say": "Hello"}"#), ("voice", #"{"twiml": 5}"#), ("voice", #"{"twiml": "a", "record": 1}"#),
        ("voice", #"{"twiml": "a", "machine_detection": true}"#), ("voice", #"{"say": {"text": "a", "voice": "b"}}"#),
    ])
    func `a wrong type and an unknown field are malformed`(channel: String, content: String) throws {
        #expect(code(try decode(channel, content)) == .malformed)
    }

    @Test(arguments: [
        ("sms", "{}", "/content"), ("sms", #"{"text": ""}"#, "/content/text"),
        ("sms", #"{"text": "a\u0000"}"#, "/content/text"),
        ("sms", #"{"media_urls": []}"#, "/content/media_urls"),
        ("sms", #"{"media_urls": ["ftp://example.com/a"]}"#, "/content/media_urls/0"),
        ("sms", #"{"text": "a", "validity": "500ms"}"#, "/content/validity"),
        ("sms", #"{"text": "a", "validity": "11h"}"#, "/content/validity"),
        ("whatsapp", "{}", "/content"), ("whatsapp", #"{"text": "a", "template": {"name": "x"}}"#, "/content/template"),
        ("whatsapp", #"{"template": {}}"#, "/content/template/name"),
        ("whatsapp", #"{"template": {"name": ""}}"#, "/content/template/name"),
        ("whatsapp", #"{"template": {"name": "x", "language": "english language"}}"#, "/content/template/language"),
        ("voice", "{}", "/content"), ("voice", #"{"twiml": "a", "twiml_url": "https://example.com"}"#, "/content"),
        ("voice", #"{"say": {"text": ""}}"#, "/content/say/text"), ("voice", #"{"say": {}}"#, "/content/say/text"),
        ("voice", #"{"twiml_url": "example.com"}"#, "/content/twiml_url"),
        ("voice", #"{"twiml": "a", "timeout": "11m"}"#, "/content/timeout"),
        ("voice", #"{"twiml": "a", "recording_channels": "stereo"}"#, "/content/recording_channels"),
        ("voice", #"{"twiml": "a", "machine_detection": "DetectMessageEnd"}"#, "/content/machine_detection"),
    ])
    func `a value that cannot be right is invalid, and its place is named`(
        channel: String, content: String, pointer: String
    ) throws {
        let result = try decode(channel, content)
        #expect(code(result) == .invalid)
        #expect(pointers(result) == [pointer], "\(findings(result))")
    }

    @Test func `texts have their lengths in characters`() throws {
        func text(_ count: Int) -> String { String(repeating: "😀", count: count) }
        #expect(code(try decode("sms", #"{"text": "\#(text(1600))"}"#)) == nil)
        #expect(
            findings(try decode("sms", #"{"text": "\#(text(1601))"}"#))
                == ["/content/text must be at most 1600 characters long, not 1601"])
        #expect(code(try decode("voice", #"{"say": {"text": "\#(text(4000))"}}"#)) == nil)
        #expect(code(try decode("voice", #"{"say": {"text": "\#(text(4001))"}}"#)) == .invalid)
    }

    @Test(arguments: [
        (#""to": "14155550100""#, "/to must begin with + and the country code (E.164), like +14155550100"),
        (#""to": {"phone": "+1"}"#, "/to/phone must have 7 to 15 digits (E.164), not 1"),
        (
            #""to": {"phone": "+0123456789"}"#,
            "/to/phone must not have a 0 after the +: no country code begins with one"
        ),
        (#""to": {}"#, "/to/phone is required"),
        (#""reply_to": "jane@example.com""#, "/reply_to is for email alone"),
        (
            #""from": "A name too long""#,
            "/from must be a number like +14155550100, a short code, or a name of 1 to 11 letters, digits and blanks"
        ),
        (#""from": "+1""#, "/from must have 7 to 15 digits (E.164), not 1"),
    ])
    func `numbers and senders are checked`(fields: String, finding: String) throws {
        let result = try decode("sms", #"{"text": "a"}"#, fields)
        #expect(findings(result) == [finding])
        #expect(code(result) == .invalid)
    }

    @Test(arguments: [
        #""to": 5"#, #""to": ["+14155550100"]"#, #""to": {"phone": "+14155550100", "name": "J"}"#, #""from": {}"#,
    ])
    func `recipients of the wrong form are malformed`(fields: String) throws {
        #expect(code(try decode("sms", #"{"text": "a"}"#, fields)) == .malformed)
    }

    @Test func `a number alone may call, and a short code may write`() throws {
        #expect(code(try decode("sms", #"{"text": "a"}"#, #""from": "12345""#)) == nil)
        #expect(pointers(try decode("voice", #"{"twiml": "a"}"#, #""from": "12345""#)) == ["/from"])
        #expect(pointers(try decode("whatsapp", #"{"text": "a"}"#, #""from": "Example""#)) == ["/from"])
    }
}
