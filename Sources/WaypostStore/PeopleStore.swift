import GRDB
import WaypostCore

/// What clients tell of users and their devices, and what providers tell of the devices' tokens.
extension WriteSession {
    /// Keeps what a client says of a user, in place of what it said before. Returns whether nothing was known of the user.
    package func put(_ details: Person.Details, of user: UserName) throws -> (person: Person, isNew: Bool) {
        let before = try Person.find(user, db)
        let person = Person(user: user, details: details, createdAt: before?.createdAt ?? now, updatedAt: now)
        try db.cachedStatement(
            sql: """
                INSERT INTO person (user, body, email_key, phone_key, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (user) DO UPDATE SET body = excluded.body, email_key = excluded.email_key,
                    phone_key = excluded.phone_key, updated_at = excluded.updated_at
                """
        ).execute(arguments: [
            user.text, KeptBody.closed(details.encoded()), details.email.map { key(of: $0, on: .email) },
            details.phone.map { key(of: $0.text, on: .sms) }, person.createdAt.milliseconds, now.milliseconds,
        ])
        return (person, before == nil)
    }

    /// Forgets a user and all of its devices. False when there is none.
    package func removePerson(_ user: UserName) throws -> Bool {
        try db.cachedStatement(sql: "DELETE FROM device WHERE user = ?").execute(arguments: [user.text])
        try db.cachedStatement(sql: "DELETE FROM person WHERE user = ?").execute(arguments: [user.text])
        return db.changesCount > 0
    }

    /// What became of a device's report.
    package enum DeviceReported: Equatable, Sendable {
        case kept(Device, isNew: Bool)
        /// The user has as many devices as one may have; nothing was done.
        case full
    }

    /// Keeps what an app says of its device, in place of what it said before; a user of whom nothing is known begins with it.
    ///
    /// A token belongs to one device: another that has it loses it. An app that reports a token has it from the service, so
    /// what a provider once said against it counts no more.
    package func put(
        _ report: Device.Report, as name: DeviceName, of user: UserName
    ) throws -> DeviceReported {
        let before = try Device.find(name, of: user, db)
        if before == nil, try countDevices(of: user) >= Device.perUser { return .full }
        var isRegistered = before == nil
        for (token, old) in [(report.fcmToken, before?.report.fcmToken), (report.apnsToken, before?.report.apnsToken)] {
            guard let token else { continue }
            let key = key(of: token, on: .push)
            for other in try devices(withToken: key) where other.user != user || other.name != name {
                try take(key, from: other)
            }
            if try liftVerdict(on: key) || token != old { isRegistered = true }
        }
        let device = Device(
            user: user, name: name, report: report, registeredAt: isRegistered ? now : before?.registeredAt ?? now,
            seenAt: now)
        try keep(device)
        try db.cachedStatement(
            sql: "INSERT OR IGNORE INTO person (user, body, created_at, updated_at) VALUES (?, ?, ?, ?)"
        ).execute(arguments: [
            user.text, KeptBody.closed(Person.Details().encoded()), now.milliseconds, now.milliseconds,
        ])
        return .kept(device, isNew: before == nil)
    }

    /// False when there is none.
    package func removeDevice(_ name: DeviceName, of user: UserName) throws -> Bool {
        try db.cachedStatement(sql: "DELETE FROM device WHERE user = ? AND name = ?")
            .execute(arguments: [user.text, name.text])
        return db.changesCount > 0
    }

    /// Forgets a token that a provider calls dead, wherever it stands; a device left without any is removed. With `limit`
    /// only where the app has not reported it since. Returns how many devices had it.
    @discardableResult
    package func forgetToken(_ token: String, unlessSeenSince limit: Timestamp? = nil) throws -> Int {
        let key = key(of: token, on: .push)
        let holders = try devices(withToken: key).filter { device in limit.map { device.seenAt < $0 } ?? true }
        for device in holders { try take(key, from: device) }
        return holders.count
    }

    /// Whether a device has the token.
    func isReported(_ token: String) throws -> Bool { try !devices(withToken: key(of: token, on: .push)).isEmpty }

    /// Removes devices that no app has reported since `limit`, the longest unseen first. Returns how many went.
    package func removeDevices(unseenSince limit: Timestamp, atMost count: Int) throws -> Int {
        try db.cachedStatement(
            sql: """
                DELETE FROM device WHERE (user, name) IN
                    (SELECT user, name FROM device WHERE seen_at <= ? ORDER BY seen_at LIMIT ?)
                """
        ).execute(arguments: [limit.milliseconds, count])
        return db.changesCount
    }

    // MARK: Rows

    private func key(of address: String, on channel: Channel) -> Int64 {
        addresses.value(of: NormalizedAddress.of(address, on: channel), on: channel)
    }

    private func countDevices(of user: UserName) throws -> Int {
        let statement = try db.cachedStatement(sql: "SELECT count(*) FROM device WHERE user = ?")
        return try Int.fetchOne(statement, arguments: [user.text]) ?? 0
    }

    private func keep(_ device: Device) throws {
        try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO device (user, name, platform, body, fcm_key, apns_key, registered_at, seen_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            device.user.text, device.name.text, device.report.platform.rawValue,
            KeptBody.closed(device.report.encoded()), device.report.fcmToken.map { key(of: $0, on: .push) },
            device.report.apnsToken.map { key(of: $0, on: .push) }, device.registeredAt.milliseconds,
            device.seenAt.milliseconds,
        ])
    }

    /// One index for each service: a token may stand in either column.
    private func devices(withToken key: Int64) throws -> [Device] {
        let statement = try db.cachedStatement(
            sql: "\(Device.columns) WHERE fcm_key = ? UNION \(Device.columns) WHERE apns_key = ?")
        return try Device.all(statement, [key, key])
    }

    private func take(_ key: Int64, from device: Device) throws {
        var device = device
        if device.report.fcmToken.map({ self.key(of: $0, on: .push) }) == key { device.report.fcmToken = nil }
        if device.report.apnsToken.map({ self.key(of: $0, on: .push) }) == key { device.report.apnsToken = nil }
        if device.report.fcmToken == nil, device.report.apnsToken == nil {
            _ = try removeDevice(device.name, of: device.user)
        } else {
            try keep(device)
        }
    }

    /// What an operator or a client holds against a token stays.
    private func liftVerdict(on token: Int64) throws -> Bool {
        guard hasSuppressions else { return false }
        try db.cachedStatement(
            sql: "DELETE FROM suppressed WHERE address_key = ? AND channel = ? AND reason = 'dead_token'"
        ).execute(arguments: [token, Channel.push.column])
        return db.changesCount > 0
    }
}
