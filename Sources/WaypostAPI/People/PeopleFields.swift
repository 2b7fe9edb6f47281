import WaypostCore
import WaypostJSON
import WaypostPolicy

/// Reads the body of `PUT /v1/users/{user}`; every field may be left out.
package enum PersonFields {
    package static func decode(_ body: JSONValue) -> Result<Person.Details, Problem> {
        FieldReader.read(body) { reader in
            Person.Details(
                email: email(&reader), phone: phone(&reader), zone: zone(&reader), locale: locale(&reader))
        }
    }

    private static func email(_ reader: inout FieldReader) -> String? {
        guard let text = reader.string("email") else { return nil }
        do throws(EmailAddress.Flaw) {
            _ = try EmailAddress(text)
            return text
        } catch {
            reader.complain(.name("email"), "is not an email address: \(error.complaint)")
            return nil
        }
    }

    private static func phone(_ reader: inout FieldReader) -> PhoneNumber? {
        guard let text = reader.string("phone") else { return nil }
        do throws(PhoneNumber.Flaw) {
            return try PhoneNumber(text)
        } catch {
            reader.complain(.name("phone"), error.complaint)
            return nil
        }
    }

    private static func zone(_ reader: inout FieldReader) -> String? {
        guard let text = reader.string("zone") else { return nil }
        if ZoneName.isKnown(text) { return text }
        reader.complain(.name("zone"), "must name a time zone of the IANA database, like Europe/Berlin")
        return nil
    }

    private static func locale(_ reader: inout FieldReader) -> String? {
        guard let text = reader.string("locale") else { return nil }
        if isLanguageTag(text) { return text }
        reader.complain(.name("locale"), "must be a language tag (BCP 47), like de or de-AT")
        return nil
    }

    /// The shape of RFC 5646: a language of two to eight letters, then subtags of one to eight letters and digits. Whether
    /// its parts are registered is not asked.
    private static func isLanguageTag(_ text: String) -> Bool {
        guard text.utf8.count <= 35 else { return false }
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }
        guard let language = parts.first, (2...8).contains(language.count), language.allSatisfy(isLetter) else {
            return false
        }
        return parts.dropFirst().allSatisfy { part in
            (1...8).contains(part.count) && part.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) }
        }
    }
}

/// Reads the body of `PUT /v1/users/{user}/devices/{device}`.
package enum DeviceFields {
    package static func decode(_ body: JSONValue) -> Result<Device.Report, Problem> {
        FieldReader.read(body) { reader in
            let platform = reader.require("platform").flatMap { _ in
                reader.word("platform", as: Push.Platform.self)
            }
            let hasToken = reader.has("fcm_token") || reader.has("apns_token")
            let fcm = reader.take("fcm_token").flatMap {
                DeviceTokenField.fcm($0, at: .name("fcm_token"), with: &reader)
            }
            let apns = reader.take("apns_token").flatMap {
                DeviceTokenField.apns($0, at: .name("apns_token"), with: &reader)
            }
            let version = reader.line("app_version", bytes: 1...64)
            if !hasToken { reader.complain(nil, "needs fcm_token, apns_token or both") }
            guard let platform else { return nil }
            return Device.Report(platform: platform, fcmToken: fcm, apnsToken: apns, appVersion: version)
        }
    }
}
