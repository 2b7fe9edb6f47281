import WaypostCore
import WaypostJSON
import WaypostProviders

/// A user in JSON.
package enum PersonBody {
    package static func bytes(_ person: Person) -> [UInt8] {
        var json = JSONWriter(capacity: 512)
        json.object { json in
            json.member("user", person.user.text)
            json.member("email", orNull: person.details.email)
            json.member("phone", orNull: person.details.phone?.text)
            json.member("zone", orNull: person.details.zone)
            json.member("locale", orNull: person.details.locale)
            json.member("created_at", plain: person.createdAt.bytes)
            json.member("updated_at", plain: person.updatedAt.bytes)
        }
        return json.bytes
    }
}

/// A device in JSON.
package enum DeviceBody {
    package static func bytes(_ device: Device) -> [UInt8] {
        var json = JSONWriter(capacity: 1024)
        write(device, to: &json)
        return json.bytes
    }

    package static func write(_ device: Device, to json: inout JSONWriter) {
        json.object { json in
            json.member("user", device.user.text)
            json.member("device", device.name.text)
            json.member("platform", device.report.platform.rawValue)
            json.member("fcm_token", orNull: device.report.fcmToken)
            json.member("apns_token", orNull: device.report.apnsToken)
            json.member("app_version", orNull: device.report.appVersion)
            json.member("registered_at", plain: device.registeredAt.bytes)
            json.member("seen_at", plain: device.seenAt.bytes)
            json.member("stale_at", plain: device.staleAt.bytes)
        }
    }
}

/// What came of a call about a topic.
package enum TopicBody {
    /// One token, or one device of a user.
    package struct Member: Equatable, Sendable {
        package enum Name: Equatable, Sendable {
            case token(String)
            /// Without a device: the user has none.
            case user(String, device: String?)
        }
        package var name: Name
        /// FCM's; nil: there is none to ask about.
        package var token: String?

        package init(_ name: Name, token: String?) {
            self.name = name
            self.token = token
        }
    }

    /// What came of one of them.
    package struct Line: Equatable, Sendable {
        package var name: Member.Name
        /// Why not; nil: it is done.
        package var reason: String?

        package init(_ name: Member.Name, reason: String?) {
            self.name = name
            self.reason = reason
        }
    }

    /// A user's devices, or the user alone where there are none.
    static func members(of user: String, _ devices: [Push.Device]) -> [Member] {
        devices.isEmpty
            ? [Member(.user(user, device: nil), token: nil)]
            : devices.map { Member(.user(user, device: $0.id), token: $0.fcmToken) }
    }

    /// `failures`: one for each member with a token, in order.
    static func lines(of members: [Member], _ failures: [Failure?]) -> [Line] {
        var failures = failures[...]
        return members.map { member in
            if member.token != nil { return Line(member.name, reason: failures.popFirst()??.detail) }
            let hasDevice = if case .user(_, .some) = member.name { true } else { false }
            return Line(member.name, reason: hasDevice ? "the device has no FCM token" : "the user has no device")
        }
    }

    package static func bytes(_ lines: [Line], ending: Bool) -> [UInt8] {
        var json = JSONWriter(capacity: 256 * lines.count + 64)
        json.object { json in
            json.array("results") { json in
                for line in lines {
                    json.object { json in
                        switch line.name {
                        case .token(let token): json.member("token", token)
                        case .user(let user, let device):
                            json.member("user", user)
                            json.member("device", ifPresent: device)
                        }
                        json.member(
                            "status", line.reason != nil ? "failed" : ending ? "unsubscribed" : "subscribed")
                        json.member("reason", ifPresent: line.reason)
                    }
                }
            }
            let failed = lines.count { $0.reason != nil }
            json.member("succeeded", lines.count - failed)
            json.member("failed", failed)
        }
        return json.bytes
    }
}

/// Which tokens are alive.
package enum ValidityBody {
    package static func bytes(_ results: [(token: String, validity: TokenValidity)]) -> [UInt8] {
        var json = JSONWriter(capacity: 256 * results.count + 64)
        json.object { json in
            json.array("results") { json in
                for (token, validity) in results {
                    json.object { json in
                        json.member("token", token)
                        switch validity {
                        case .alive: json.member("status", "alive")
                        case .dead(let reason):
                            json.member("status", "dead")
                            json.member("reason", reason)
                        case .unknown(let reason):
                            json.member("status", "unknown")
                            json.member("reason", reason)
                        }
                    }
                }
            }
        }
        return json.bytes
    }
}
