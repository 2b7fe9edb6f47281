import Testing
import WaypostCore
import WaypostJSON
import WaypostPolicy

@testable import WaypostAPI

@Suite struct PeopleTests {
    private func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    // MARK: Users

    @Test func `a user's fields are read, and each may be left out`() throws {
        let body =
            #"{"email": "jane@example.com", "phone": "+1 415 555-0100", "zone": "Europe/Berlin", "locale": "de-AT"}"#
        let details = try PersonFields.decode(json(body)).get()
        #expect(
            details
                == .init(
                    email: "jane@example.com", phone: PhoneNumber(unchecked: "+14155550100"), zone: "Europe/Berlin",
                    locale: "de-AT"))
        #expect(try PersonFields.decode(json("{}")).get() == .init())
    }

    @Test func `every bad field of a user is named at once`() throws {
        let result = try PersonFields.decode(
            json(#"{"email": "jane", "phone": "0415", "zone": "Mars/Olympus", "locale": "d", "name": "Jane"}"#))
        #expect(pointers(result).sorted() == ["/email", "/locale", "/name", "/phone", "/zone"])
        #expect(code(result) == .malformed)
        #expect(try code(PersonFields.decode(json(#"{"zone": "x"}"#))) == .invalid)
        #expect(try code(PersonFields.decode(json(#"{"zone": null}"#))) == .malformed)
    }

    @Test(arguments: [
        ("Europe/Berlin", true), ("America/Argentina/Buenos_Aires", true), ("UTC", true), ("Etc/UTC", true),
        ("GMT", true), ("Japan", true), ("Etc/GMT+5", true), ("PST", false), ("GMT-5", false),
        ("", false), ("Berlin", false), ("GMT+5", false), ("Europe/Nowhere", false), ("../../etc/passwd", false),
        ("/etc/passwd", false), ("Europe/", false),
    ])
    func `a zone is a name of the IANA database`(name: String, isKnown: Bool) {
        #expect(ZoneName.isKnown(name) == isKnown)
    }

    @Test(arguments: [
        ("de", true), ("de-AT", true), ("zh-Hant-TW", true), ("es-419", true), ("d", false), ("de_AT", false),
        ("de-", false), ("-de", false), ("de-abcdefghi", false), ("12", false), ("de-Ä", false),
        (String(repeating: "de-abcdefgh", count: 4), false),
    ])
    func `a locale has the shape of a language tag`(tag: String, isOne: Bool) throws {
        let result = try PersonFields.decode(json(#"{"locale": "\#(tag)"}"#))
        #expect((code(result) == nil) == isOne)
    }

    @Test(arguments: [
        ("jane", true), ("Jane.Doe_1@example.com:x-y", true), (String(repeating: "a", count: 128), true), ("", false),
        (String(repeating: "a", count: 129), false), ("a b", false), ("a/b", false), ("jané", false), ("a%", false),
    ])
    func `names in paths are of few letters`(name: String, isOne: Bool) {
        #expect((UserName(name) != nil) == isOne)
        #expect((DeviceName(name) != nil) == isOne)
    }

    // MARK: Devices

    @Test func `a device's fields are read, Apple's token in lower case`() throws {
        let body = #"{"platform": "ios", "fcm_token": "f:1-_", "apns_token": "0AbC", "app_version": "1.2 (3)"}"#
        #expect(
            try DeviceFields.decode(json(body)).get()
                == .init(platform: .ios, fcmToken: "f:1-_", apnsToken: "0abc", appVersion: "1.2 (3)"))
    }

    @Test(arguments: [
        (#"{"platform": "ios"}"#, [""]), (#"{"fcm_token": "f"}"#, ["/platform"]),
        (#"{"platform": "symbian", "fcm_token": "f"}"#, ["/platform"]),
        (#"{"platform": "ios", "fcm_token": ""}"#, ["/fcm_token"]),
        (#"{"platform": "ios", "fcm_token": "a b"}"#, ["/fcm_token"]),
        (#"{"platform": "ios", "fcm_token": "ä"}"#, ["/fcm_token"]),
        (#"{"platform": "ios", "apns_token": "abc"}"#, ["/apns_token"]),
        (#"{"platform": "ios", "apns_token": "xy"}"#, ["/apns_token"]),
        (#"{"platform": "ios", "apns_token": ""}"#, ["/apns_token"]),
        (#"{"platform": "ios", "fcm_token": "f", "app_version": ""}"#, ["/app_version"]),
        (#"{"platform": "ios", "fcm_token": 1, "token": "x"}"#, ["/fcm_token", "/token"]),
    ])
    func `what is wrong with a device is named`(body: String, places: [String]) throws {
        #expect(try pointers(DeviceFields.decode(json(body))) == places)
    }

    @Test func `a token is as long as it may be`() throws {
        for (count, isOne) in [(4096, true), (4097, false)] {
            let body = #"{"platform": "web", "fcm_token": "\#(String(repeating: "f", count: count))"}"#
            #expect(try (code(DeviceFields.decode(json(body))) == nil) == isOne)
        }
        for (count, isOne) in [(512, true), (514, false)] {
            let body = #"{"platform": "ios", "apns_token": "\#(String(repeating: "a", count: count))"}"#
            #expect(try (code(DeviceFields.decode(json(body))) == nil) == isOne)
        }
    }

    // MARK: Topics

    @Test func `a topic's members are tokens or users, not both, and not too many`() throws {
        #expect(try TopicMembers.decode(json(#"{"tokens": ["a", "b"]}"#)).get() == .tokens(["a", "b"]))
        #expect(try TopicMembers.decode(json(#"{"users": ["jane"]}"#)).get() == .users(["jane"]))
        for body in [
            "{}", #"{"tokens": ["a"], "users": ["jane"]}"#, #"{"tokens": []}"#, #"{"tokens": ["a b"]}"#,
            #"{"users": ["a b"]}"#, #"{"tokens": [\#(Array(repeating: #""a""#, count: 1001).joined(separator: ","))]}"#,
        ] {
            #expect(try code(TopicMembers.decode(json(body))) == .invalid, "\(body.prefix(40))")
        }
        #expect(try code(TokenList.decode(json("{}"))) == .invalid)
        #expect(try TokenList.decode(json(#"{"tokens": ["a"]}"#)).get() == ["a"])
    }

    @Test(arguments: [
        ("news", true), ("a-b_c.d~e%", true), (String(repeating: "a", count: 900), true), ("", false), ("a b", false),
        ("/topics/news", false), (String(repeating: "a", count: 901), false),
    ])
    func `a topic's name is as FCM has it`(name: String, isOne: Bool) {
        #expect(TopicMembers.isTopic(name) == isOne)
    }

    @Test func `a result belongs to its token, and what has none is not asked about`() {
        let apple = Push.Device(user: "jane", id: "watch", platform: .ios, apnsToken: "ab")
        let members =
            TopicBody.members(of: "jane", [Self.phone, apple, Self.tablet]) + TopicBody.members(of: "joe", [])
            + [.init(.token("f:9"), token: "f:9")]
        #expect(members.compactMap(\.token) == ["f:1", "f:2", "f:9"])
        let gone = Failure(.refusedRecipient, "gone")
        #expect(
            TopicBody.lines(of: members, [nil, gone, nil]) == [
                .init(.user("jane", device: "phone"), reason: nil),
                .init(.user("jane", device: "watch"), reason: "the device has no FCM token"),
                .init(.user("jane", device: "tablet"), reason: "gone"),
                .init(.user("joe", device: nil), reason: "the user has no device"), .init(.token("f:9"), reason: nil),
            ])
    }

    @Test func `results are counted and in order`() throws {
        let body = try JSONValue(parsing: TopicBody.bytes(Self.lines, ending: true))
        #expect(body["results"]?.array?.compactMap { $0["status"]?.string } == ["unsubscribed", "failed", "failed"])
        #expect(body["succeeded"] == 1 && body["failed"] == 2)
    }

    // MARK: Sending to a user

    private static let phone = Push.Device(user: "jane", id: "phone", platform: .ios, fcmToken: "f:1", apnsToken: "ab")
    private static let tablet = Push.Device(user: "jane", id: "tablet", platform: .android, fcmToken: "f:2")

    private func draft(to user: String?, sendAt: Timestamp? = nil) -> Draft {
        var push = Push(targets: [])
        push.title = "Hello"
        var draft = Draft(
            type: .transactional, priority: .normal, content: .push(push), deliveries: [], sendAt: sendAt, ttl: nil,
            metadata: [], tags: [], onAmbiguous: nil)
        draft.user = user
        return draft
    }

    @Test func `a user's devices are a push's targets, a delivery each`() throws {
        let draft = draft(to: "jane").reaching([Self.phone, Self.tablet])
        #expect(draft.content.push?.targets == [.device(Self.phone), .device(Self.tablet)])
        #expect(draft.content.push?.title == "Hello")
        #expect(draft.deliveries.map(\.address) == ["f:1", "f:2"])
        #expect(draft.deliveries.map(\.ordinal) == [0, 1])
        #expect(draft.deliveries.allSatisfy { $0.state == .queued })
        let later = self.draft(to: "jane", sendAt: noon).reaching([Self.phone])
        #expect(later.deliveries.map(\.state) == [.scheduled])
    }

    @Test func `a user without a device is a problem of its own draft alone`() throws {
        let refused = Problem(.invalid, "No.")
        let drafts: [Result<Draft, Problem>] = [
            .success(draft(to: "jane")), .failure(refused), .success(draft(to: "joe")), .success(draft(to: nil)),
        ]
        let found = API.drafts(drafts, reaching: ["jane": [Self.phone], "joe": []]) { "/messages/\($0)/to/user" }
        #expect(try found[0].get().deliveries.count == 1)
        #expect(found[1] == .failure(refused))
        #expect(code(found[2]) == .noRoute)
        #expect(findings(found[2]) == ["/messages/2/to/user user joe has no device"])
        #expect(found[3] == drafts[3])
    }

    // MARK: Answers

    private static let lines = [
        TopicBody.Line(.token("f:1"), reason: nil), .init(.user("jane", device: "phone"), reason: "gone"),
        .init(.user("joe", device: nil), reason: "the user has no device"),
    ]

    /// Each with the schema that describes it.
    static var answers: [(schema: String, body: [UInt8])] {
        let user = UserName(unchecked: "jane")
        let bare = Person(user: user, details: .init(), createdAt: noon, updatedAt: noon)
        var whole = bare
        whole.details = .init(
            email: "jane@example.com", phone: PhoneNumber(unchecked: "+14155550100"), zone: "UTC", locale: "de")
        let device = Device(
            user: user, name: DeviceName(unchecked: "phone"), report: .init(platform: .ios, apnsToken: "ab"),
            registeredAt: noon, seenAt: noon)
        return [
            ("User", PersonBody.bytes(bare)), ("User", PersonBody.bytes(whole)), ("Device", DeviceBody.bytes(device)),
            ("DeviceList", ListBody.bytes([device], next: nil, DeviceBody.write)),
            ("TopicResults", TopicBody.bytes(lines, ending: false)),
            ("TopicResults", TopicBody.bytes(lines, ending: true)),
            (
                "ValidationResults",
                ValidityBody.bytes([
                    (token: "f:1", validity: .alive), (token: "f:2", validity: .dead(reason: "gone")),
                    (token: "f:3", validity: .unknown(reason: "not asked")),
                ])
            ),
        ]
    }
}
