import Testing
import WaypostCore
import WaypostHTTP
import WaypostJSON

@testable import WaypostProviders

@Suite struct APNsRequestTests {
    private func request(_ push: Push, _ change: (inout Message) -> Void = { _ in }) throws -> HTTPRequest {
        try #require(try PushFixture.apns().request(for: PushFixture.context(push, change)).http)
    }

    private func payload(_ push: Push) throws -> JSONValue { try JSONValue(parsing: request(push).body) }

    private func objection(_ push: Push, _ change: (inout Message) -> Void = { _ in }) throws -> String? {
        let message = PushFixture.message(push, change)
        return try PushFixture.apns().objection(to: message, for: message.content.deliveries)
    }

    private func push(headers: KeyValuePairs<String, String>) -> Push {
        PushFixture.push { $0.apns = .init(headers: headers.map { .init(key: $0.key, value: $0.value) }) }
    }

    private static let ids: [JSONValue.Member] = [
        .init("waypost_message", .string("\(Fixture.id)")), .init("waypost_attempt", .string("\(Fixture.attempt)")),
    ]

    // MARK: Headers

    @Test func `an alert's headers`() throws {
        let request = try request(PushFixture.push())
        #expect(request.method == "POST")
        #expect(request.target == "https://api.push.apple.com/3/device/\(PushFixture.apnsToken)")
        #expect(request.headers["authorization"]?.hasPrefix("bearer eyJ") == true)
        #expect(request.headers["apns-topic"] == "com.example.app")
        #expect(request.headers["apns-push-type"] == "alert")
        #expect(request.headers["apns-priority"] == "10")
        #expect(request.headers["apns-expiration"] == "1736946000")
        #expect(request.headers["apns-collapse-id"] == "\(Fixture.id)")
        #expect(request.headers["apns-id"] == "01946a4a-e800-0002-0000-00000000002b")
        #expect(request.headers["traceparent"] == "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        #expect(request.headers.fields.allSatisfy { $0.name == $0.name.lowercased() })
        #expect(Set(request.headers.fields.map(\.name)).count == request.headers.fields.count)
        #expect(try self.request(PushFixture.push()) { $0.priority = .bulk }.headers["apns-priority"] == "5")
    }

    @Test func `an id is the attempt's bits as a UUID in lower case`() {
        let attempt = AttemptID(ULID(high: 0xEABE_AE54_14A8_11E5, low: 0xB60B_1697_F925_EC7B))
        #expect(APNsRequest.id(of: attempt) == "eabeae54-14a8-11e5-b60b-1697f925ec7b")
        #expect(APNsRequest.id(of: AttemptID(ULID(high: 0, low: 1))) == "00000000-0000-0000-0000-000000000001")
    }

    @Test func `data alone goes in the background`() throws {
        let push = PushFixture.push { push in
            (push.title, push.body, push.category) = (nil, nil, "C")
            push.data = [.init(key: "k", value: "v")]
        }
        let request = try request(push) { $0.priority = .urgent }
        #expect(request.headers["apns-push-type"] == "background")
        #expect(request.headers["apns-priority"] == "5")
        #expect(
            try payload(push) == .object([.init("aps", ["content-available": 1]), .init("k", "v")] + Self.ids))
    }

    @Test func `the message's headers win over ours`() throws {
        let request = try request(
            push(headers: [
                "apns-priority": "1", "apns-expiration": "0", "apns-collapse-id": "n-1", "apns-topic": "com.other",
            ]))
        #expect(request.headers.all("apns-priority") == ["1"])
        #expect(request.headers.all("apns-expiration") == ["0"])
        #expect(request.headers.all("apns-collapse-id") == ["n-1"])
        #expect(request.headers.all("apns-topic") == ["com.other"])
    }

    @Test(arguments: [
        ("voip", "com.example.app.voip", "10"), ("complication", "com.example.app.complication", "10"),
        ("fileprovider", "com.example.app.pushkit.fileprovider", "10"),
        ("location", "com.example.app.location-query", "10"),
        ("liveactivity", "com.example.app.push-type.liveactivity", "10"),
        ("pushtotalk", "com.example.app.voip-ptt", "10"), ("widgets", "com.example.app.push-type.widgets", "10"),
        ("controls", "com.example.app.push-type.controls", "10"), ("alert", "com.example.app", "10"),
    ])
    func `the topic follows the push type`(type: String, topic: String, priority: String) throws {
        let request = try request(push(headers: ["apns-push-type": type]))
        #expect(request.headers["apns-topic"] == topic)
        #expect(request.headers["apns-priority"] == priority)
        let context = PushFixture.context(push(headers: ["apns-push-type": type]))
        #expect(try PushFixture.apns(topic: topic).request(for: context).http?.headers["apns-topic"] == topic)
    }

    private static let requestCount = 10

    @Test(arguments: 0..<requestCount)
    func `every request of the file is let out or refused as the file says`(index: Int) throws {
        let items = try Fixture.vectors("apns-errors")["requests"]
        #expect(items?.array?.count == Self.requestCount)
        let item = try #require(items?[index])
        let name = try #require(item["name"]?.string)
        if name == "apns_id_upper_case" { return }  // the id is ours
        var push = PushFixture.push { ($0.title, $0.body) = (nil, nil) }
        let ours: Set<String> = ["authorization", "apns-id"]
        var headers = (item["headers"]?.members ?? []).filter { !ours.contains($0.name) }
            .map { Message.KeyValue(key: $0.name, value: $0.value.string ?? "") }
        if let type = item["push_type"]?.string { headers.append(.init(key: "apns-push-type", value: type)) }
        push.apns = .init(headers: headers, payload: item["body"] ?? ["aps": ["alert": "x"]])
        if let size = item["body_bytes"]?.integer {
            let rest = Int(size) - #"{"aps":{"alert":"x"},"f":""}"#.utf8.count
            push.data = [.init(key: "f", value: String(repeating: "x", count: rest))]
            #expect(try request(push).body.count == Int(size))
        }
        let objection = try objection(push)
        #expect((objection == nil) == (item["ok"] == true), "\(name): \(objection ?? "nothing")")
        guard let body = item["body"], item["ok"] == true else { return }
        #expect(try payload(push).sorted == body.merged(with: .object(Self.ids)).sorted)
        let written = try request(push)
        for header in headers { #expect(written.headers.all(header.key) == [header.value]) }
    }

    // MARK: Payload

    @Test func `an alert's payload`() throws {
        let push = PushFixture.push { push in
            push.data = [.init(key: "order", value: "7"), .init(key: "Größe", value: "ü👋")]
            (push.badge, push.sound, push.category, push.threadID) = (0, "default", "ORDER", "orders")
            (push.image, push.clickAction) = ("https://example.com/i.png", "OPEN")
        }
        let members: [JSONValue.Member] = [
            .init(
                "aps",
                [
                    "alert": ["title": "Hello", "body": "World"], "badge": 0, "sound": "default", "category": "ORDER",
                    "thread-id": "orders", "mutable-content": 1,
                ]),
            .init("order", "7"), .init("Größe", "ü👋"), .init("image", "https://example.com/i.png"),
            .init("click_action", "OPEN"),
        ]
        #expect(try payload(push) == .object(members + Self.ids))
        let text = String(decoding: try request(push).body, as: UTF8.self)
        #expect(text.contains("\"Größe\":\"ü👋\"") && text.contains("https://example.com") && !text.contains(": "))
    }

    @Test func `an app says itself whether it changes what is shown`() throws {
        func mutable(_ flag: Bool?, image: String?) throws -> JSONValue? {
            try payload(PushFixture.push { ($0.mutableContent, $0.image) = (flag, image) }).at("aps.mutable-content")
        }
        #expect(try mutable(nil, image: nil) == nil)
        #expect(try mutable(true, image: nil) == 1)
        #expect(try mutable(false, image: "https://example.com/i.png") == nil)
    }

    @Test func `the message's payload wins over ours, but not over our ids`() throws {
        let push = PushFixture.push { push in
            push.badge = 3
            push.data = [.init(key: "k", value: "ours")]
            push.apns = .init(payload: [
                "aps": ["alert": ["title-loc-key": "T", "title": .null], "badge": .null, "relevance-score": 1],
                "k": ["their": "own"], "waypost_message": "no",
            ])
        }
        #expect(
            try payload(push)
                == .object(
                    [
                        .init("aps", ["alert": ["body": "World", "title-loc-key": "T"], "relevance-score": 1]),
                        .init("k", ["their": "own"]),
                    ] + Self.ids))
    }

    @Test func `an alert in the client's own payload makes it visible`() throws {
        let push = PushFixture.push { push in
            (push.title, push.body) = (nil, nil)
            push.apns = .init(payload: ["aps": ["alert": "x"]])
        }
        #expect(try request(push).headers["apns-push-type"] == "alert")
        #expect(try payload(push)["aps"] == ["alert": "x"])
    }

    // MARK: Objections

    @Test func `it objects to whom it cannot reach`() throws {
        func objection(_ target: Push.Target) throws -> String? {
            try self.objection(PushFixture.push { $0.targets = [target] })
        }
        #expect(try objection(.device(.init(fcmToken: "t"))) == "the device has no APNs token")
        #expect(try objection(.topic("t")) == "APNs knows no topics of devices")
        #expect(try objection(.condition("'a' in topics")) == "APNs knows no topics of devices")
        for token in ["", "0", "0g", "../3", "00fc13ad?"] {
            #expect(try objection(.device(.init(apnsToken: token))) == "the device's APNs token is not hexadecimal")
        }
        #expect(try objection(.device(.init(apnsToken: "00FC13ad"))) == nil)
        let template = AppliedTemplate(name: "t", providerIDs: [], hasText: false, variables: [:])
        #expect(try self.objection(PushFixture.push()) { $0.template = template } == "APNs keeps no templates")
        let email = Fixture.context(Fixture.email(to: "a@example.com"))
        #expect(
            try PushFixture.apns().objection(to: email.message, for: email.deliveries) == "APNs carries only push")
    }

    @Test(arguments: [
        (["apns-push-type": "background"], "a push in the background shows nothing"),
        (["apns-push-type": "mdm"], "APNs has no push type mdm for provider tokens"),
        (["apns-priority": "7"], "apns-priority is 10, 5 or 1"),
        (["apns-expiration": "soon"], "apns-expiration is a time in Unix seconds, or 0"),
        (["apns-expiration": "-1"], "apns-expiration is a time in Unix seconds, or 0"),
        (["apns-topic": "a\r\nb: c"], "apns-topic holds a control character"),
        (["apns-id": "x"], "apns-id is no header that a message can set at APNs"),
        (["authorization": "x"], "authorization is no header that a message can set at APNs"),
    ])
    func `it objects to headers that APNs would refuse`(headers: [String: String], complaint: String) throws {
        let pairs = headers.map { Message.KeyValue(key: $0.key, value: $0.value) }
        #expect(try objection(PushFixture.push { $0.apns = .init(headers: pairs) }) == complaint)
    }

    @Test func `it objects to a collapse id of more than 64 bytes`() throws {
        #expect(try objection(PushFixture.push { $0.collapseID = String(repeating: "é", count: 32) }) == nil)
        #expect(
            try objection(PushFixture.push { $0.collapseID = String(repeating: "x", count: 65) })
                == "a collapse id has at most 64 bytes")
    }

    @Test(arguments: ["aps", "waypost_message", "waypost_attempt"])
    func `some keys of the data are taken`(key: String) throws {
        #expect(
            try objection(PushFixture.push { $0.data = [.init(key: key, value: "x")] })
                == "the data key \(key) is taken at APNs")
    }

    /// Escapes and letters beyond ASCII count as the bytes that are sent.
    @Test(arguments: ["x", "ü", "👋", "\"", "\n", "\u{1}"])
    func `4096 bytes of payload fit`(letter: String) throws {
        func push(_ count: Int, _ more: Int) -> Push {
            PushFixture.push { $0.body = String(repeating: letter, count: count) + String(repeating: "-", count: more) }
        }
        let ids = JSONValue.object(Self.ids).bytes.count - 1  // a comma more, two braces less
        let empty = try request(push(0, 0)).body.count - ids
        let each = try request(push(1, 0)).body.count - empty - ids
        let (count, more) = (4096 - empty).quotientAndRemainder(dividingBy: each)
        #expect(try request(push(count, more)).body.count == 4096)
        #expect(try payload(push(count, more))["waypost_message"] == nil)
        #expect(try objection(push(count, more)) == nil)
        #expect(try objection(push(count, more + 1)) == "APNs takes at most 4096 bytes")
    }
}
