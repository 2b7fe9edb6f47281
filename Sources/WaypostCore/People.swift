/// Who a "user" is, as a client has told it.
package struct Person: Equatable, Sendable {
    package var user: UserName
    package var details: Details
    package var createdAt: Timestamp
    package var updatedAt: Timestamp

    /// What a client says of somebody; all of it may be left out.
    package struct Details: Equatable, Sendable {
        package var email: String?
        package var phone: PhoneNumber?
        /// Of the IANA time zone database, like `Europe/Berlin`.
        package var zone: String?
        /// BCP 47, like `de-AT`.
        package var locale: String?

        package init(
            email: String? = nil, phone: PhoneNumber? = nil, zone: String? = nil, locale: String? = nil
        ) {
            self.email = email
            self.phone = phone
            self.zone = zone
            self.locale = locale
        }
    }

    package init(user: UserName, details: Details, createdAt: Timestamp, updatedAt: Timestamp) {
        self.user = user
        self.details = details
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// A device in the registry, and the addresses that it has.
package struct Device: Equatable, Sendable {
    package var user: UserName
    package var name: DeviceName
    package var report: Report
    /// When one of its tokens came to it: it was new, or had been taken away.
    package var registeredAt: Timestamp
    /// When the app last reported it.
    package var seenAt: Timestamp

    /// What an app says of its device; at least one token. The one that it does not name, the device has not.
    package struct Report: Equatable, Sendable {
        package var platform: Push.Platform
        package var fcmToken: String?
        /// Hexadecimal, lower case.
        package var apnsToken: String?
        package var appVersion: String?

        package init(
            platform: Push.Platform, fcmToken: String? = nil, apnsToken: String? = nil, appVersion: String? = nil
        ) {
            self.platform = platform
            self.fcmToken = fcmToken
            self.apnsToken = apnsToken
            self.appVersion = appVersion
        }
    }

    /// Unseen for so long, its tokens are dead at FCM whatever the app does, and are taken away here (contract: People).
    package static let lifetime = Duration.seconds(270 * 86_400)
    /// Devices that one user may have: a message to all of them is one message.
    package static let perUser = 100

    package init(
        user: UserName, name: DeviceName, report: Report, registeredAt: Timestamp, seenAt: Timestamp
    ) {
        self.user = user
        self.name = name
        self.report = report
        self.registeredAt = registeredAt
        self.seenAt = seenAt
    }

    /// From when on nothing is sent to it, unless the app reports it before.
    package var staleAt: Timestamp { seenAt + Self.lifetime }

    /// As a message's target. What counts for a token's death is when the app last reported it.
    package var target: Push.Device {
        Push.Device(
            user: user.text, id: name.text, platform: report.platform, fcmToken: report.fcmToken,
            apnsToken: report.apnsToken, registeredAt: seenAt)
    }
}

/// A user's name, the client's own: `[A-Za-z0-9._@:-]{1,128}`.
package struct UserName: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init?(_ text: String) {
        guard Self.isFit(text) else { return nil }
        self.text = text
    }

    /// For what was checked before.
    package init(unchecked text: String) { self.text = text }

    package var description: String { text }

    static func isFit(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                switch $0 {
                case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "@"),
                    UInt8(ascii: ":"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

/// What a user's device is called, by the client's own choice; of the same letters as a user's name.
package struct DeviceName: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init?(_ text: String) {
        guard UserName.isFit(text) else { return nil }
        self.text = text
    }

    /// For what was checked before.
    package init(unchecked text: String) { self.text = text }

    package var description: String { text }
}
