import Testing
import WaypostJSON

@testable import WaypostProviders

/// A second opinion on what we write, from the library that Google publishes for it.
@Suite struct FCMLibraryTests {
    @Test(.enabled(if: Python.hasFirebase, "firebase-admin is not installed"))
    func `Google's own library knows every field and takes every value`() throws {
        let pushes = [
            PushFixture.push(), PushFixture.hardPush,
            PushFixture.push { ($0.title, $0.body, $0.data) = (nil, nil, [.init(key: "k", value: "v")]) },
            PushFixture.push { push in
                (push.badge, push.sound, push.category, push.threadID) = (3, "default", "C", "t")
                (push.image, push.clickAction) = ("https://example.com/i.png", "https://example.com/x")
                push.collapseID = "order-7"
            },
            PushFixture.push { $0.targets = [.topic("news-1.2_~%")] },
            PushFixture.push { $0.targets = [.condition("'a' in topics && ('b' in topics || !('c' in topics))")] },
        ]
        let fcm = try PushFixture.fcm()
        let bodies = try pushes.map { push in
            try #require(try fcm.request(for: PushFixture.context(push)).json["message"])
        }
        let answer = try Python.run(Self.script, .array(bodies))
        #expect(answer.array?.count == bodies.count)
        for (index, ours) in bodies.enumerated() {
            var expected = ours
            let priority = ours.at("android.priority")?.string?.lowercased() ?? ""  // the library writes it so
            expected = expected.merged(with: ["android": ["priority": .string(priority)]])
            #expect(answer[index]?.sorted == expected.sorted)
        }
    }

    /// Rebuilds each message from the library's classes, which check their arguments, and writes it down again.
    private static let script = """
        import sys, json, warnings
        warnings.simplefilter('ignore')
        from firebase_admin import messaging as m
        from firebase_admin._messaging_encoder import MessageEncoder
        def android(d):
            n = d.pop('notification', None)
            if n: n = m.AndroidNotification(**n)
            return m.AndroidConfig(priority=d.pop('priority').lower(), ttl=int(d.pop('ttl')[:-1]), notification=n, **d)
        def apns(d):
            payload, p = None, d.get('payload')
            a = p.pop('aps') if p else {}
            flags = {k.replace('-', '_'): bool(a.pop(k)) for k in ('content-available', 'mutable-content') if k in a}
            aps = m.Aps(**{k.replace('-', '_'): v for k, v in a.items()}, **flags)
            options = m.APNSFCMOptions(**d['fcm_options']) if 'fcm_options' in d else None
            if p is not None: payload = m.APNSPayload(aps=aps, **p)
            return m.APNSConfig(headers=d['headers'], payload=payload, fcm_options=options)
        def webpush(d):
            options = m.WebpushFCMOptions(**d['fcm_options']) if 'fcm_options' in d else None
            return m.WebpushConfig(headers=d['headers'], fcm_options=options)
        def message(d):
            kinds = {'android': android, 'apns': apns, 'webpush': webpush, 'notification': lambda n: m.Notification(**n)}
            return m.Message(**{k: kinds.get(k, lambda v: v)(v) for k, v in d.items()})
        json.dump([MessageEncoder().default(message(d)) for d in json.load(sys.stdin)], sys.stdout)
        """
}
