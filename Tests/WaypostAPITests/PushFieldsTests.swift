import Testing
import WaypostAPI
import WaypostCore
import WaypostJSON

@Suite struct PushFieldsTests {
    private static let apns = String(repeating: "0aF1", count: 16)

    private func decode(_ to: String, _ content: String = #"{"title": "Hi"}"#, _ fields: String = "") throws
        -> Result<Draft, Problem>
    {
        let body = #"{"channel": "push", "to": \#(to), "content": \#(content)\#(fields)}"#
        return SendMessage.decode(try JSONValue(parsing: Array(body.utf8)), at: noon)
    }

    @Test func `every field of a push message is read`() throws {
        let draft = try decode(
            #"{"token": "abc:def", "platform": "android", "service": "fcm"}"#,
            """
            {"title": "Hi", "body": "Two\\nlines", "image": "https://example.com/a.png", "data": {"order": "42", "n": ""},
             "badge": 0, "sound": "default", "category": "c", "thread_id": "t", "mutable_content": true,
             "collapse_id": "order-42", "click_action": "OPEN", "android": {"priority": "high"},
             "apns": {"headers": {"APNS-Priority": "5"}, "payload": {"aps": {"badge": 2}}}, "webpush": {}}
            """
        ).get()
        var push = Push(targets: [.device(.init(platform: .android, fcmToken: "abc:def"))])
        push.title = "Hi"
        push.body = "Two\nlines"
        push.image = "https://example.com/a.png"
        push.data = [.init(key: "order", value: "42"), .init(key: "n", value: "")]
        push.badge = 0
        push.sound = "default"
        push.category = "c"
        push.threadID = "t"
        push.mutableContent = true
        push.collapseID = "order-42"
        push.clickAction = "OPEN"
        push.android = ["priority": "high"]
        push.apns = .init(headers: [.init(key: "apns-priority", value: "5")], payload: ["aps": ["badge": 2]])
        push.webpush = [:]
        #expect(draft.content == .push(push))
        #expect(draft.deliveries.map(\.address) == ["abc:def"])
    }

    @Test func `a target is a token, both tokens of a device, a topic, a condition or a user`() throws {
        func target(_ to: String) throws -> Push.Target? { try decode(to).get().content.push?.targets.first }
        let lower = Self.apns.lowercased()
        #expect(try target(#""abc""#) == .device(.init(fcmToken: "abc")))
        #expect(try target(#"{"token": "abc"}"#) == .device(.init(fcmToken: "abc")))
        #expect(
            try target(#"{"token": "\#(Self.apns)", "service": "apns"}"#)
                == .device(.init(platform: .ios, apnsToken: lower)))
        #expect(
            try target(#"{"fcm_token": "abc", "apns_token": "\#(Self.apns)", "platform": "ios"}"#)
                == .device(.init(platform: .ios, fcmToken: "abc", apnsToken: lower)))
        #expect(try target(#"{"topic": "/topics/news"}"#) == .topic("news"))
        #expect(try target(#"{"topic": "news"}"#) == .topic("news"))
        #expect(try target(#"{"condition": "'a' in topics"}"#) == .condition("'a' in topics"))
        #expect(try decode(#"{"topic": "news"}"#).get().deliveries.map(\.address) == ["/topics/news"])
        let user = try decode(#"{"user": "jane"}"#).get()
        #expect(user.user == "jane")
        #expect(user.content.push?.targets == [])
        #expect(user.deliveries.isEmpty)
    }

    @Test(arguments: [
        (#""""#, "/to"), (#""a b""#, "/to"), ("{}", "/to"), (#"{"token": ""}"#, "/to/token"),
        (#"{"token": "a", "user": "b"}"#, "/to"), (#"{"token": "a", "service": "hms"}"#, "/to/service"),
        (#"{"token": "xyz", "service": "apns"}"#, "/to/token"), (#"{"token": "abc", "service": "apns"}"#, "/to/token"),
        (#"{"token": "a", "platform": "symbian"}"#, "/to/platform"), (#"{"apns_token": "zz"}"#, "/to/apns_token"),
        (#"{"topic": "a b"}"#, "/to/topic"), (#"{"condition": "a"}"#, "/to/condition"), (#"{"user": ""}"#, "/to/user"),
        (#"{"user": "a\nb"}"#, "/to/user"),
    ])
    func `a target that cannot be right is invalid`(to: String, pointer: String) throws {
        let result = try decode(to)
        #expect(code(result) == .invalid)
        #expect(pointers(result) == [pointer], "\(findings(result))")
    }

    @Test(arguments: [
        "5", "[]", #"{"token": 5}"#, #"{"topic": "a", "platform": "ios"}"#, #"{"token": "a", "name": "b"}"#,
    ])
    func `a target of the wrong form is malformed`(to: String) throws {
        #expect(code(try decode(to)) == .malformed)
    }

    @Test(arguments: [
        ("{}", "/content"), (#"{"sound": ""}"#, "/content/sound"), (#"{"title": ""}"#, "/content/title"),
        (#"{"collapse_id": "a"}"#, "/content"), (#"{"image": "http://example.com/a"}"#, "/content/image"),
        (#"{"badge": -1}"#, "/content/badge"), (#"{"badge": 2147483648}"#, "/content/badge"),
        (#"{"title": "a", "collapse_id": "\#(String(repeating: "é", count: 33))"}"#, "/content/collapse_id"),
        (#"{"data": {"": "a"}}"#, "/content/data/"),
        (#"{"apns": {"headers": {"authorization": "x"}}}"#, "/content/apns/headers/authorization"),
        (#"{"apns": {"headers": {"apns-topic": "a\r\nb"}}}"#, "/content/apns/headers/apns-topic"),
        (#"{"apns": {"headers": {"apns-id": "a", "APNS-ID": "b"}}}"#, "/content/apns/headers/APNS-ID"),
    ])
    func `a value that cannot be right is invalid, and its place is named`(content: String, pointer: String) throws {
        let result = try decode(#""abc""#, content)
        #expect(code(result) == .invalid)
        #expect(pointers(result) == [pointer], "\(findings(result))")
    }

    @Test(arguments: [
        #"{"title": 5}"#, #"{"data": {"a": 1}}"#, #"{"badge": "1"}"#, #"{"badge": 1.5}"#, #"{"android": []}"#,
        #"{"apns": {"payload": "x"}}"#, #"{"apns": {"aps": {}}}"#, #"{"webpush": true}"#, #"{"text": "a"}"#,
    ])
    func `a wrong type and an unknown field are malformed`(content: String) throws {
        #expect(code(try decode(#""abc""#, content)) == .malformed)
    }

    @Test func `who sends and who answers is not asked`() throws {
        let result = try decode(#""abc""#, #"{"title": "Hi"}"#, #", "from": "x", "reply_to": "y""#)
        #expect(findings(result) == ["/reply_to is for email alone", "/from is not for push"])
        #expect(code(result) == .invalid)
    }

    @Test func `data has a hundred pairs at most`() throws {
        func content(_ count: Int) -> String {
            #"{"data": {\#((0..<count).map { "\"k\($0)\": \"v\"" }.joined(separator: ","))}}"#
        }
        #expect(code(try decode(#""abc""#, content(100))) == nil)
        #expect(pointers(try decode(#""abc""#, content(101))) == ["/content/data"])
    }
}
