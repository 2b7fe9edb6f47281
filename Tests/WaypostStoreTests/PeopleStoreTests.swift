import GRDB
import Testing
import WaypostCore

@testable import WaypostStore

@Suite struct PeopleStoreTests {
    let store: StoreFixture
    init() throws { store = try StoreFixture() }

    private let jane = UserName(unchecked: "jane")
    private let joe = UserName(unchecked: "joe")
    private let phone = DeviceName(unchecked: "phone")
    private var reader: PeopleReader { PeopleReader(store.file) }

    private func report(
        _ report: Device.Report, as name: String = "phone", of user: String = "jane"
    ) throws -> WriteSession.DeviceReported {
        try store.commits.perform("device") {
            try $0.put(report, as: DeviceName(unchecked: name), of: UserName(unchecked: user))
        }
    }

    private func removeJane() throws -> Bool {
        let jane = jane
        return try store.commits.perform("user") { try $0.removePerson(jane) }
    }

    private func removePhone() throws -> Bool {
        let (jane, phone) = (jane, phone)
        return try store.commits.perform("device") { try $0.removeDevice(phone, of: jane) }
    }

    /// The device as it was kept.
    private func kept(_ what: WriteSession.DeviceReported) throws -> Device {
        guard case .kept(let device, _) = what else { throw StoreError.rejected("the user has too many devices") }
        return device
    }

    /// Moves a device's times into the past.
    private func age(by span: Duration, _ name: String = "phone") throws {
        try store.file.pool.writeWithoutTransaction { db in
            try db.execute(
                sql: "UPDATE device SET seen_at = seen_at - ?, registered_at = registered_at - ? WHERE name = ?",
                arguments: [span.milliseconds, span.milliseconds, name])
        }
    }

    @Test func `a user is kept, replaced whole, and forgotten with all devices`() throws {
        let details = Person.Details(
            email: "Jane@Example.com", phone: PhoneNumber(unchecked: "+14155550100"), zone: "Europe/Berlin",
            locale: "de-AT")
        let first = try store.commits.perform("user") { [jane] in try $0.put(details, of: jane) }
        #expect(first.isNew)
        #expect(try reader.person(jane) == first.person)
        #expect(first.person.details == details)
        let second = try store.commits.perform("user") { [jane] in try $0.put(.init(locale: "fr"), of: jane) }
        #expect(!second.isNew)
        #expect(second.person.createdAt == first.person.createdAt)
        #expect(try reader.person(jane)?.details == .init(locale: "fr"))
        _ = try report(.init(platform: .ios, apnsToken: "ab"))
        #expect(try removeJane())
        #expect(try reader.person(jane) == nil)
        #expect(try reader.device(phone, of: jane) == nil)
        #expect(try !removeJane())
    }

    @Test func `addresses are looked up by hash, and stand in no indexed column`() throws {
        let details = Person.Details(email: "Jane@Example.com", phone: PhoneNumber(unchecked: "+14155550100"))
        _ = try store.commits.perform("user") { [jane] in try $0.put(details, of: jane) }
        _ = try report(.init(platform: .ios, fcmToken: "f:1", apnsToken: "ab"))
        try store.file.pool.read { db in
            let person = try #require(try Row.fetchOne(db, sql: "SELECT email_key, phone_key, body FROM person"))
            #expect(person[0] == store.addresses.value(of: "jane@example.com", on: .email))
            #expect(person[1] == store.addresses.value(of: "+14155550100", on: .sms))
            let device = try #require(try Row.fetchOne(db, sql: "SELECT fcm_key, apns_key, body FROM device"))
            #expect(device[0] == store.addresses.value(of: "f:1", on: .push))
            #expect(device[1] == store.addresses.value(of: "ab", on: .push))
        }
    }

    @Test func `a look-up by token uses the indexes`() throws {
        let plan = try store.file.pool.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    EXPLAIN QUERY PLAN \(Device.columns) WHERE fcm_key = 1 UNION \(Device.columns) WHERE apns_key = 1
                    """
            ).map { $0["detail"] as String }
        }
        #expect(plan.contains { $0.contains("device_fcm") } && plan.contains { $0.contains("device_apns") }, "\(plan)")
        #expect(!plan.contains { $0.hasPrefix("SCAN") }, "\(plan)")
    }

    @Test func `a device is kept with its user, and replaced whole`() throws {
        let full = Device.Report(platform: .ios, fcmToken: "f:1", apnsToken: "ab", appVersion: "1.2")
        let first = try report(full)
        let device = try kept(first)
        #expect(first == .kept(device, isNew: true))
        #expect(device.report == full)
        #expect(try reader.device(phone, of: jane) == device)
        #expect(try reader.person(jane)?.details == .init())
        let second = try report(.init(platform: .ios, apnsToken: "ab"))
        #expect(try second == .kept(kept(second), isNew: false))
        #expect(try reader.device(phone, of: jane)?.report == .init(platform: .ios, apnsToken: "ab"))
        #expect(try removePhone())
        #expect(try !removePhone())
        #expect(try reader.devices(of: jane) == [], "the user is still known")
        #expect(try reader.devices(of: joe) == nil)
    }

    @Test func `the same tokens again are seen, a new one is registered`() throws {
        let both = Device.Report(platform: .ios, fcmToken: "f:1", apnsToken: "ab")
        let first = try kept(report(both))
        #expect(first.registeredAt == first.seenAt)
        try age(by: .seconds(86_400))
        let again = try kept(report(both))
        #expect(again.registeredAt < first.registeredAt)
        #expect(again.seenAt >= first.seenAt)
        let fewer = try kept(report(.init(platform: .ios, apnsToken: "ab")))
        #expect(fewer.registeredAt == again.registeredAt)
        let other = try kept(report(.init(platform: .ios, apnsToken: "cd")))
        #expect(other.registeredAt == other.seenAt)
    }

    @Test func `a token moves to the device that reports it`() throws {
        _ = try report(.init(platform: .ios, fcmToken: "f:1", apnsToken: "ab"))
        _ = try report(.init(platform: .ios, fcmToken: "f:1"), as: "tablet", of: "joe")
        #expect(try reader.device(phone, of: jane)?.report == .init(platform: .ios, apnsToken: "ab"))
        _ = try report(.init(platform: .ios, apnsToken: "ab"), as: "watch", of: "jane")
        #expect(try reader.devices(of: jane)?.map(\.name.text) == ["watch"], "it had no other token")
        #expect(try reader.devices(of: joe)?.map(\.report.fcmToken) == ["f:1"])
    }

    @Test func `a user has so many devices and no more, and those may still report`() throws {
        let last = try store.commits.perform("device") { [jane] session in
            var last: WriteSession.DeviceReported?
            for number in 0...Device.perUser {
                let report = Device.Report(platform: .android, fcmToken: "f:\(number)")
                last = try session.put(report, as: DeviceName(unchecked: "d\(number)"), of: jane)
            }
            return last
        }
        #expect(last == .full)
        #expect(try reader.devices(of: jane)?.count == Device.perUser)
        #expect(Device.perUser <= DeliveryKey.perMessage)
        let again = try report(.init(platform: .android, fcmToken: "f:new"), as: "d7")
        #expect(try kept(again).report.fcmToken == "f:new")
    }

    @Test func `a dead token is forgotten, and a device without any goes`() throws {
        _ = try report(.init(platform: .ios, fcmToken: "f:1", apnsToken: "ab"))
        #expect(try store.commits.perform("dead") { try $0.forgetToken("f:2") } == 0)
        #expect(try store.commits.perform("dead") { try $0.forgetToken("f:1") } == 1)
        #expect(try reader.device(phone, of: jane)?.report == .init(platform: .ios, apnsToken: "ab"))
        #expect(try store.commits.perform("dead") { try $0.forgetToken("ab") } == 1)
        #expect(try reader.devices(of: jane) == [])
        let back = try kept(report(.init(platform: .ios, apnsToken: "ab")))
        #expect(back.registeredAt == back.seenAt)
    }

    @Test func `a token that was reported since the verdict stays`() throws {
        let device = try kept(report(.init(platform: .ios, apnsToken: "ab")))
        let early = device.seenAt
        let late = device.seenAt + .milliseconds(1)
        #expect(try store.commits.perform("dead") { try $0.forgetToken("ab", unlessSeenSince: early) } == 0)
        #expect(try store.commits.perform("dead") { try $0.forgetToken("ab", unlessSeenSince: late) } == 1)
    }

    @Test func `a report lifts what a provider said against its token, and nothing else`() throws {
        let keys = ["f:1", "ab"].map { store.addresses.value(of: $0, on: .push) }
        try store.commits.perform("suppress") { session in
            for (token, reason) in [("f:1", Suppression.Reason.deadToken), ("ab", .manual)] {
                try session.suppress(
                    Suppression(channel: .push, address: token, reason: reason, source: "a", createdAt: session.now))
            }
        }
        try age(by: .seconds(60))
        _ = try report(.init(platform: .ios, fcmToken: "f:1", apnsToken: "ab"))
        let left = try store.file.pool.read { try Int64.fetchAll($0, sql: "SELECT address_key FROM suppressed") }
        #expect(left == [keys[1]])
    }

    @Test func `devices unseen for too long are no targets, and are removed a few at a time`() throws {
        for name in ["a", "b", "c"] {
            _ = try report(.init(platform: .android, fcmToken: "f:\(name)"), as: name)
        }
        for name in ["a", "b"] { try age(by: Device.lifetime, name) }
        let now = SystemTime().wallNow
        let targets = try reader.targets(ofUsers: ["jane", "joe", "jane"], at: now)
        #expect(targets.keys.sorted() == ["jane"])
        #expect(targets["jane"]?.map(\.id) == ["c"])
        #expect(targets["jane"]?.first?.fcmToken == "f:c")
        #expect(targets["jane"]?.first?.user == "jane")
        for expected in [1, 1, 0] {
            let limit = now - Device.lifetime
            #expect(
                try store.commits.perform("stale") { try $0.removeDevices(unseenSince: limit, atMost: 1) } == expected)
        }
        #expect(try reader.devices(of: jane)?.map(\.name.text) == ["c"])
        #expect(try Inspection.of(path: store.path).findings == [])
    }

    @Test func `a row that cannot be read keeps nobody from the others`() throws {
        for name in ["a", "b"] { _ = try report(.init(platform: .android, fcmToken: "f:\(name)"), as: name) }
        try store.file.pool.writeWithoutTransaction { db in
            try db.execute(sql: "UPDATE device SET body = x'09' WHERE name = 'a'")
        }
        #expect(try reader.devices(of: jane)?.map(\.name.text) == ["b"])
        #expect(try reader.targets(ofUsers: ["jane"], at: SystemTime().wallNow)["jane"]?.count == 1)
        #expect(try store.commits.perform("dead") { try $0.forgetToken("f:a") } == 0)
        #expect(store.commits.failure == nil)
    }
}
