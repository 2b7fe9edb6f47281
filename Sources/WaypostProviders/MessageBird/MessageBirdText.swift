import WaypostCore
import WaypostJSON

/// The body of `POST /messages`, or of `POST /mms` where media are attached.
struct MessageBirdText {
    let sms: SMS
    let originator: MessageBird.Originator
    let name: ProviderName
    let context: AttemptContext

    /// Nine parts of 153 letters.
    private static let longest = 1377

    static func objection(to sms: SMS) -> String? {
        isMMS(sms) || sms.text.unicodeScalars.count <= longest ? nil : "MessageBird takes at most 1,377 characters"
    }

    var isMMS: Bool { Self.isMMS(sms) }

    static func isMMS(_ sms: SMS) -> Bool { !sms.mediaURLs.isEmpty || sms.sendAsMMS == true }

    var json: [UInt8] {
        var json = JSONWriter(capacity: 512 + sms.text.utf8.count)
        json.object { json in
            json.member("originator", originator.text)
            json.array("recipients") { json in json.element(String(sms.to.digits)) }
            json.member("reference", plain: context.message.id.bytes)
            if isMMS {
                if !sms.text.isEmpty { json.member("body", sms.text) }
                json.array("mediaUrls") { json in for url in sms.mediaURLs { json.element(url) } }
            } else {
                json.member("body", sms.text)
                json.member("type", "sms")
                json.member("datacoding", GSMAlphabet.holds(sms.text) ? "plain" : "unicode")
                json.member("reportUrl", context.callbackURL(name, "status"))
                if let validity = sms.validity {
                    json.member("validity", max((validity.milliseconds + 999) / 1000, 1))
                }
            }
        }
        return json.bytes
    }
}
