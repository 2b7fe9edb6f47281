/// One end of a message as Twilio writes it: a number, a short code or a name, behind its channel where that is not SMS.
struct TwilioParty: Equatable, Sendable {
    /// `whatsapp`, `messenger`, `rcs`; nil for SMS and MMS.
    var channel: String?
    var address: String

    init(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 {
            (channel, address) = (String(parts[0]), String(parts[1]))
        } else {
            address = text
        }
    }

    var isRecipient: Bool {
        switch channel {
        case nil, "whatsapp", "rcs": address.isE164
        case "messenger": !address.isEmpty
        default: false
        }
    }

    var isSender: Bool {
        switch channel {
        case nil: address.isE164 || (3...8).contains(address.utf8.count) && address.isDigits || address.isSenderName
        case "whatsapp": address.isE164
        case "messenger", "rcs": !address.isEmpty
        default: false
        }
    }
}

/// Twilio's documented test numbers, each answered with the error it stands for.
///
/// https://www.twilio.com/docs/iam/test-credentials
enum TwilioTestNumber {
    static func messageError(to: String, from: String?) -> TwilioError? {
        switch to {
        case "+15005550001": return TwilioError(400, 21_211, "The 'To' number \(to) is not a valid phone number.")
        case "+15005550002": return TwilioError(400, 21_612, "The 'To' number \(to) is not reachable from this 'From'.")
        case "+15005550003":
            return TwilioError(400, 21_408, "Permission to send an SMS has not been enabled for the region of \(to).")
        case "+15005550004":
            return TwilioError(400, 21_610, "Attempt to send to unsubscribed recipient: \(to) has replied STOP.")
        case "+15005550009": return TwilioError(400, 21_614, "'To' number is not a valid mobile number: \(to)")
        default: break
        }
        switch from {
        case "+15005550001": return TwilioError(400, 21_212, "The 'From' number is not a valid phone number.")
        case "+15005550007": return TwilioError(400, 21_606, "The 'From' number is not a number of this account.")
        case "+15005550008": return TwilioError(400, 21_611, "This 'From' number has exceeded its message queue.")
        default: return nil
        }
    }

    static func callError(to: String, from: String) -> TwilioError? {
        switch to {
        case "+15005550001": return TwilioError(400, 21_217, "Phone number \(to) does not appear to be valid.")
        case "+15005550002": return TwilioError(400, 21_214, "'To' phone number cannot be reached: \(to)")
        case "+15005550003": return TwilioError(400, 21_215, "Account not authorized to call \(to).")
        case "+15005550004": return TwilioError(400, 21_216, "Account not allowed to call \(to).")
        default: break
        }
        switch from {
        case "+15005550000": return TwilioError(400, 21_210, "'From' phone number not verified: \(from)")
        case "+15005550001": return TwilioError(400, 21_212, "Invalid 'From' phone number: \(from)")
        default: return nil
        }
    }
}
