import WaypostCore
import WaypostJSON

/// A push service's token as a client writes it.
package enum DeviceTokenField {
    /// Octets of a token at FCM; they are about 160 to 250 today.
    package static let fcmBytes = 1...4096
    /// Digits of an APNs token: Apple says no length, 64 is what there is today.
    package static let apnsDigits = 2...512

    static func fcm(_ value: JSONValue, at step: FieldReader.Step, with reader: inout FieldReader) -> String? {
        guard let text = reader.string(value, at: step) else { return nil }
        guard fcmBytes.contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            reader.complain(step, "must be 1 to \(fcmBytes.upperBound) printable ASCII characters without blanks")
            return nil
        }
        return text
    }

    /// In lower case, whichever it is written in.
    static func apns(_ value: JSONValue, at step: FieldReader.Step, with reader: inout FieldReader) -> String? {
        guard let text = reader.string(value, at: step)?.lowercased() else { return nil }
        let isHexadecimal = text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard apnsDigits.contains(text.utf8.count), text.utf8.count % 2 == 0, isHexadecimal else {
            reader.complain(step, "must be an even number of hexadecimal digits, at most \(apnsDigits.upperBound)")
            return nil
        }
        return text
    }
}
