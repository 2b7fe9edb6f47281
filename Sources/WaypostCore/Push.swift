import WaypostJSON

/// A notification for devices, or data for an app.
package struct Push: Equatable, Sendable {
    /// Each is a delivery of its own, in this order.
    package var targets: [Target]
    package var title: String?
    package var body: String?
    /// HTTPS.
    package var image: String?
    package var data: [Message.KeyValue] = []
    package var badge: Int?
    package var sound: String?
    package var category: String?
    package var threadID: String?
    package var mutableContent: Bool?
    /// At most 64 bytes: a later notification of the same id replaces the earlier on the device.
    package var collapseID: String?
    package var clickAction: String?
    /// FCM's `android` block, checked to be an object; its members win over ours.
    package var android: JSONValue?
    /// Headers and payload for Apple's devices, by FCM or directly; they win over ours.
    package var apns: APNsBlock?
    /// FCM's `webpush` block.
    package var webpush: JSONValue?

    package struct APNsBlock: Equatable, Sendable {
        /// `apns-priority`, `apns-push-type`, …; names in lower case.
        package var headers: [Message.KeyValue]
        /// An object: `{"aps": {…}, …}`.
        package var payload: JSONValue?
        package init(headers: [Message.KeyValue] = [], payload: JSONValue? = nil) {
            self.headers = headers
            self.payload = payload
        }
    }

    package init(targets: [Target]) { self.targets = targets }

    /// Whether anything is shown, played or badged; otherwise the app alone gets the data.
    package var isVisible: Bool {
        title != nil || body != nil || image != nil || badge != nil || sound != nil
    }

    /// Whom a delivery of it is for.
    package func target(of delivery: Delivery) -> Target? {
        targets.indices.contains(delivery.ordinal) ? targets[delivery.ordinal] : nil
    }

    /// Whom one delivery is for.
    package enum Target: Equatable, Sendable {
        case device(Device)
        /// All who have subscribed, at FCM.
        case topic(String)
        /// `'a' in topics && !('b' in topics)`, at FCM.
        case condition(String)

        package var device: Device? { if case .device(let device) = self { device } else { nil } }

        /// The address under which limits, suppressions and searches know it.
        package var address: String {
            switch self {
            case .device(let device): device.fcmToken ?? device.apnsToken ?? ""
            case .topic(let name): "/topics/\(name)"
            case .condition(let text): text
            }
        }
    }

    /// A device and the addresses that it has: with both tokens, FCM and APNs are each other's backup.
    package struct Device: Equatable, Sendable {
        /// Its user and its name in the registry; nil for a token that the client named itself.
        package var user: String?
        package var id: String?
        package var platform: Platform?
        package var fcmToken: String?
        /// Hexadecimal, lower case.
        package var apnsToken: String?
        /// When the app last reported the tokens; nil for a token that the client named itself.
        package var registeredAt: Timestamp?

        package init(
            user: String? = nil, id: String? = nil, platform: Platform? = nil, fcmToken: String? = nil,
            apnsToken: String? = nil, registeredAt: Timestamp? = nil
        ) {
            self.user = user
            self.id = id
            self.platform = platform
            self.fcmToken = fcmToken
            self.apnsToken = apnsToken
            self.registeredAt = registeredAt
        }

        /// Its address at one of the services.
        package subscript(service: Service) -> String? {
            switch service {
            case .fcm: fcmToken
            case .apns: apnsToken
            }
        }

        /// The services that have an address of it.
        package var services: [Service] { Service.allCases.filter { self[$0] != nil } }
    }

    package enum Platform: String, CaseIterable, Sendable { case ios, android, web }

    /// Whose token it is.
    package enum Service: String, CaseIterable, Sendable { case fcm, apns }
}
