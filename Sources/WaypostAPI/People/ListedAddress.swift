import WaypostCore

/// An address as the lists know it: checked as a recipient is, and in its normal form.
package struct ListedAddress: Equatable, Sendable {
    package var channel: Channel
    package var address: String

    /// Octets of what is neither an email address nor a number.
    private static let nameBytes = 1...256

    /// Why a text is no address, worded to follow its place.
    package struct Flaw: Error, Equatable, Sendable {
        package var complaint: String
    }

    /// For what was checked before.
    package init(unchecked address: String, on channel: Channel) {
        self.channel = channel
        self.address = address
    }

    package init(_ text: String, on channel: Channel) throws(Flaw) {
        self.channel = channel
        address = NormalizedAddress.of(text, on: channel)
        switch channel {
        case .email:
            do throws(EmailAddress.Flaw) { _ = try EmailAddress(text) } catch {
                throw Flaw(complaint: "is not an email address: \(error.complaint)")
            }
        case .sms, .whatsapp, .voice:
            do throws(PhoneNumber.Flaw) { _ = try PhoneNumber(text) } catch {
                throw Flaw(complaint: error.complaint)
            }
        case .push:
            guard DeviceTokenField.fcmBytes.contains(text.utf8.count),
                text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            else {
                throw Flaw(
                    complaint: "must be a device's token: 1 to \(DeviceTokenField.fcmBytes.upperBound) printable ASCII "
                        + "characters without blanks")
            }
            if Self.isHexadecimal(text) { address = text.lowercased() }
        case .realtime:
            if let flaw = LineOfText.flaw(in: text, bytes: Self.nameBytes) { throw Flaw(complaint: flaw) }
        }
    }

    /// So is an APNs token, and it is kept in lower case; FCM's are not.
    private static func isHexadecimal(_ text: String) -> Bool {
        text.utf8.count >= 64 && text.utf8.count.isMultiple(of: 2)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x66).contains($0) || (0x41...0x46).contains($0)
            }
    }
}

extension API {
    /// The address that a path names.
    func listedAddress(_ call: Call) throws(Problem) -> ListedAddress {
        guard let channel = Channel(rawValue: call.parameters["channel"] ?? "") else {
            let names = Channel.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem(.invalid, "The channel in the path must be one of \(names).")
        }
        do throws(ListedAddress.Flaw) {
            return try ListedAddress(call.parameters["address"] ?? "", on: channel)
        } catch {
            throw Problem(.invalid, "The address in the path \(error.complaint).")
        }
    }
}
