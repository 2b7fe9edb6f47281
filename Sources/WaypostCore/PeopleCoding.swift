import WaypostJSON

/// How what people are called and where they are reached is kept: compact JSON, its first member the version of the form.
extension Person.Details {
    package func encoded() -> [UInt8] {
        var json = JSONWriter(capacity: 256)
        json.object { json in
            json.member("v", storedFormVersion)
            json.member("email", ifPresent: email)
            json.member("phone", ifPresent: phone?.text)
            json.member("zone", ifPresent: zone)
            json.member("locale", ifPresent: locale)
        }
        return json.bytes
    }

    /// Reads what `encoded` wrote.
    package init(decoding bytes: [UInt8]) throws(StoredFormError) {
        self.init()
        for member in try JSONValue.storedMembers(bytes) {
            switch member.name {
            case "email": email = try member.value.storedText("email")
            case "phone": phone = PhoneNumber(unchecked: try member.value.storedText("phone"))
            case "zone": zone = try member.value.storedText("zone")
            case "locale": locale = try member.value.storedText("locale")
            default: break
            }
        }
    }
}

/// The platform is not in it: it has a column of its own.
extension Device.Report {
    package func encoded() -> [UInt8] {
        var json = JSONWriter(capacity: 512)
        json.object { json in
            json.member("v", storedFormVersion)
            json.member("fcm", ifPresent: fcmToken)
            json.member("apns", ifPresent: apnsToken)
            json.member("app", ifPresent: appVersion)
        }
        return json.bytes
    }

    /// Reads what `encoded` wrote.
    package init(platform: Push.Platform, decoding bytes: [UInt8]) throws(StoredFormError) {
        self.init(platform: platform)
        for member in try JSONValue.storedMembers(bytes) {
            switch member.name {
            case "fcm": fcmToken = try member.value.storedText("fcm")
            case "apns": apnsToken = try member.value.storedText("apns")
            case "app": appVersion = try member.value.storedText("app")
            default: break
            }
        }
    }
}
