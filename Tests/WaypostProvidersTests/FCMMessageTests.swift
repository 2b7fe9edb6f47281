import Testing
import WaypostCore
import WaypostJSON

@testable import WaypostProviders

@Suite struct FCMMessageTests {
    private func body(_ push: Push, _ change: (inout Message) -> Void = { _ in }) throws -> JSONValue {
        try #require(
            try PushFixture.fcm().request(for: PushFixture.context(push, change)).json["message"])
    }

    private func objection(_ push: Push, _ change: (inout Message) -> Void = { _ in }) throws -> String? {
        let message = PushFixture.message(push, change)
        return try PushFixture.fcm().objection(to: message, for: message.content.deliveries)
    }

    private static let ids: [JSONValue.Member] = [
        .init("waypost_message", .string("\(Fixture.id)")), .init("waypost_attempt", .string("\(Fixture.attempt)")),
    ]

    // MARK: Bodies

    @Test func `a notification with all that can be said`() throws {
        let push = PushFixture.push { push in
            push.image = "https://example.com/i.png"
            push.data = [.init(key: "order", value: "7"), .init(key: "Größe", value: "ü👋")]
            push.badge = 3
            push.sound = "ping.caf"
            push.category = "ORDER"
            push.threadID = "orders"
            push.clickAction = "https://example.com/orders/7"
        }
        let ids = Self.ids
        let expected: JSONValue = [
            "token": .string(PushFixture.fcmToken),
            "notification": ["title": "Hello", "body": "World", "image": "https://example.com/i.png"],
            "data": .object([.init("order", "7"), .init("Größe", "ü👋")] + ids),
            "android": [
                "priority": "HIGH", "ttl": "3600s",
                "notification": [
                    "tag": .string("\(Fixture.id)"), "sound": "ping.caf",
                    "click_action": "https://example.com/orders/7", "notification_count": 3,
                ],
            ],
            "apns": [
                "headers": [
                    "apns-push-type": "alert", "apns-priority": "10", "apns-expiration": "1736946000",
                    "apns-collapse-id": .string("\(Fixture.id)"),
                ],
                "payload": [
                    "aps": [
                        "badge": 3, "sound": "ping.caf", "category": "ORDER", "thread-id": "orders",
                        "mutable-content": 1,
                    ]
                ],
                "fcm_options": ["image": "https://example.com/i.png"],
            ],
            "webpush": [
                "headers": ["TTL": "3600", "Urgency": "high"],
                "fcm_options": ["link": "https://example.com/orders/7"],
            ],
        ]
        #expect(try body(push).sorted == expected.sorted)
        #expect(try objection(push) == nil)
    }

    @Test func `data alone wakes the app and shows nothing`() throws {
        let push = PushFixture.push { push in
            (push.title, push.body) = (nil, nil)
            push.data = [.init(key: "k", value: "v")]
        }
        let body = try body(push)
        #expect(body["notification"] == nil)
        #expect(body["data"] == .object([.init("k", "v")] + Self.ids))
        #expect(body["android"] == ["priority": "NORMAL", "ttl": "3600s"])
        #expect(body.at("apns.payload") == ["aps": ["content-available": 1]])
        #expect(body.at("apns.headers.apns-priority") == "5")
        #expect(body.at("apns.headers.apns-push-type") == "background")
        #expect(try self.body(push) { $0.priority = .urgent }.at("android.priority") == "HIGH")
        #expect(try self.body(push) { $0.priority = .urgent }.at("apns.headers.apns-priority") == "5")
    }

    @Test func `where title and body say it all, Apple's payload is left to FCM`() throws {
        #expect(try body(PushFixture.push()).at("apns.payload") == nil)
    }

    @Test func `bulk takes its time`() throws {
        let body = try body(PushFixture.push()) { $0.priority = .bulk }
        #expect(body.at("android.priority") == "NORMAL")
        #expect(body.at("apns.headers.apns-priority") == "5")
        #expect(body.at("webpush.headers.Urgency") == "low")
    }

    @Test func `the collapse id is the tag and Apple's collapse id, and never a collapse key`() throws {
        let body = try body(PushFixture.push { $0.collapseID = "order-7" })
        #expect(body.at("android.notification.tag") == "order-7")
        #expect(body.at("apns.headers.apns-collapse-id") == "order-7")
        #expect(body.at("android.collapse_key") == nil)
    }

    @Test(
        arguments: [
            (-5, "0s"), (0, "0s"), (999, "0s"), (1000, "1s"), (2_419_200_000, "2419200s"), (9_000_000_000, "2419200s"),
        ] as [(Int64, String)])
    func `the time to live is what is left, within 28 days`(milliseconds: Int64, expected: String) throws {
        let body = try body(PushFixture.push()) { $0.expiresAt = Fixture.now + .milliseconds(milliseconds) }
        #expect(body.at("android.ttl")?.string == expected)
        #expect(body.at("webpush.headers.TTL")?.string == String(expected.dropLast()))
    }

    @Test func `topics and conditions are addressed as such`() throws {
        let topic = try body(PushFixture.push { $0.targets = [.topic("news")] })
        #expect(topic["topic"] == "news" && topic["token"] == nil)
        let text = "'a' in topics && !('b' in topics)"
        let condition = try body(PushFixture.push { $0.targets = [.condition(text)] })
        #expect(condition["condition"] == .string(text) && condition["token"] == nil)
    }

    @Test func `a phone gets nothing for browsers unless something asks for it`() throws {
        func push(_ platform: Push.Platform, _ change: (inout Push) -> Void = { _ in }) -> Push {
            PushFixture.push { push in
                push.targets = [.device(.init(platform: platform, fcmToken: "t"))]
                change(&push)
            }
        }
        #expect(try body(push(.android))["webpush"] == nil)
        #expect(try body(push(.ios))["webpush"] == nil)
        #expect(try body(push(.web))["webpush"] != nil)
        #expect(try body(push(.android) { $0.webpush = ["data": ["a": "b"]] }).at("webpush.data.a") == "b")
        #expect(try body(push(.android) { $0.clickAction = "OPEN" })["webpush"] == nil)
        #expect(
            try body(push(.ios) { $0.clickAction = "https://e.com" }).at("webpush.fcm_options.link") == "https://e.com")
    }

    @Test func `the client's blocks win over ours, in either spelling`() throws {
        let body = try body(
            PushFixture.push { push in
                push.clickAction = "OURS"
                push.android = [
                    "collapseKey": "c", "priority": "NORMAL",
                    "notification": ["clickAction": "THEIRS", "channel_id": "ch", "tag": .null],
                    "data": ["camelCase": "stays"],
                ]
                push.apns = .init(
                    headers: [.init(key: "apns-priority", value: "1")],
                    payload: ["aps": ["alert": "their words", "interruption-level": "passive"], "k": ["n": 1]])
                push.webpush = [
                    "headers": ["TTL": "15", "Topic": "n1"], "notification": ["requireInteraction": true],
                ]
            })
        #expect(
            body["android"] == [
                "priority": "NORMAL", "ttl": "3600s",
                "notification": ["click_action": "THEIRS", "channel_id": "ch"], "collapse_key": "c",
                "data": ["camelCase": "stays"],
            ])
        #expect(body.at("apns.headers.apns-priority") == "1")
        #expect(
            body.at("apns.payload") == [
                "aps": ["alert": "their words", "interruption-level": "passive"], "k": ["n": 1],
            ])
        #expect(
            body["webpush"] == [
                "headers": ["TTL": "15", "Urgency": "high", "Topic": "n1"],
                "notification": ["requireInteraction": true],
            ])
    }

    // MARK: Limits

    @Test(arguments: [("x", 1), ("ü", 2), ("👋", 4), ("\"", 1)])
    func `4096 bytes of notification and data fit, and 2048 for topics`(letter: String, bytes: Int) throws {
        for (targets, limit) in [([Push.Target.device(PushFixture.device)], 4096), ([.topic("t")], 2048)] {
            let room = limit - "title".count - "Hello".count - "body".count
            func push(_ size: Int) -> Push {
                PushFixture.push { push in
                    push.targets = targets
                    push.body =
                        String(repeating: letter, count: size / bytes) + String(repeating: "-", count: size % bytes)
                }
            }
            #expect(try objection(push(room)) == nil)
            #expect(try body(push(room))["data"] == nil)
            #expect(try body(push(room / 4))["data"] == .object(Self.ids))
            #expect(try objection(push(room + 1)) == "FCM takes at most \(limit) bytes of notification and data")
        }
    }

    @Test(arguments: ["from", "message_type", "google", "google.a", "gcm.notification.a", "gcm", "waypost_message"])
    func `a reserved key is refused first`(key: String) throws {
        #expect(try objection(PushFixture.push { $0.data = [.init(key: key, value: "x")] }) != nil)
        #expect(try objection(PushFixture.push { $0.data = [.init(key: "x\(key)", value: "x")] }) == nil)
        if key != "waypost_message" {
            #expect(try objection(PushFixture.push { $0.android = ["data": [key: "x"]] }) != nil)
        }
    }

    @Test func `a device without its token, and a template without words, are for others`() throws {
        let device = Push.Device(apnsToken: PushFixture.apnsToken)
        #expect(try objection(PushFixture.push { $0.targets = [.device(device)] }) == "the device has no FCM token")
        let template = AppliedTemplate(name: "t", providerIDs: [], hasText: false, variables: [:])
        #expect(try objection(PushFixture.push()) { $0.template = template } == "FCM keeps no templates")
    }

    // MARK: The file's requests

    private static let requestCount = 27

    @Test func `all requests of the file are tried`() throws {
        #expect(try Fixture.vectors("fcm-requests")["cases"]?.array?.count == Self.requestCount)
    }

    /// What our model has no words for, so it can never be written.
    private static let unspeakable: Set<String> = [
        "fid_target", "two_targets", "no_target", "data_number", "data_nested", "android_and_v2", "label_too_long",
    ]

    @Test(arguments: 0..<requestCount)
    func `every request of the file is let out or refused as the file says`(index: Int) throws {
        let item = try #require(Fixture.vectors("fcm-requests")["cases"]?[index])
        let name = try #require(item["name"]?.string)
        guard !Self.unspeakable.contains(name) else { return }
        let message = try #require(item.at("body.message"))
        let push = try Self.push(message)
        let objection = try objection(push)
        #expect((objection == nil) == (item["ok"] == true), "\(name): \(objection ?? "nothing")")
        guard item["ok"] == true, name != "camel_case_accepted_too" else { return }
        let written = try body(push)
        for member in message.members ?? [] where member.name != "apns" {
            let ours = try #require(written[member.name], "\(name)")
            #expect(ours.merged(with: member.value).sorted == ours.sorted, "\(name): \(member.name) is not as it was")
        }
        for part in ["headers", "payload", "fcm_options.image"] {  // a label for Apple's devices is not offered
            guard let theirs = message.at("apns.\(part)") else { continue }
            let ours = try #require(written.at("apns.\(part)"))
            #expect(ours.merged(with: theirs).sorted == ours.sorted, "\(name): apns.\(part) is not as it was")
        }
    }

    private static func push(_ message: JSONValue) throws -> Push {
        var target = Push.Target.device(.init(fcmToken: message["token"]?.string ?? ""))
        if let topic = message["topic"]?.string { target = .topic(topic) }
        if let condition = message["condition"]?.string { target = .condition(condition) }
        var push = Push(targets: [target])
        push.title = message.at("notification.title")?.string
        push.body = message.at("notification.body")?.string
        push.data = (message["data"]?.members ?? []).map { .init(key: $0.name, value: $0.value.string ?? "") }
        push.android = message["android"]
        push.webpush = message["webpush"]
        if let apns = message["apns"] {
            let headers = (apns["headers"]?.members ?? []).map {
                Message.KeyValue(key: $0.name, value: $0.value.string ?? "")
            }
            push.apns = .init(headers: headers, payload: apns["payload"])
            push.image = apns.at("fcm_options.image")?.string
        }
        return push
    }
}
