import WaypostCore
import WaypostHTTP
import WaypostJSON

/// Topics are kept per registration; there is no call for many at once.
///
/// https://firebase.google.com/docs/reference/fcm/rest
extension FCM: PushDirectory {
    package func subscription(of token: String, to topic: String, ending: Bool) throws(Failure) -> TransportRequest {
        guard FCMTopics.isName(topic) else {
            throw Failure(.refusedMessage, "the topic is not 1 to 900 of a-z, A-Z, 0-9 and -_.~%")
        }
        let subscriptions = "/registrations/\(Self.percentEncoded(token))/topicSubscriptions"
        let name = Self.percentEncoded(topic)
        if ending {
            return .http(try authorized("DELETE", "\(subscriptions)/\(name)?allow_missing=true", body: []))
        }
        return .http(try authorized("POST", "\(subscriptions)?topic_name=\(name)", body: Array("{}".utf8)))
    }

    package func refusal(ofSubscription reply: TransportReply) -> Failure? {
        guard case .http(let response) = reply else { return Failure.foreignReply }
        let error = FCMError(in: response)
        switch response.status {
        case 200 where (try? JSONValue(parsing: response.body))?.members != nil: return nil
        case 200..<300:
            return .answered(
                response.status, "FCM answered \(response.status), which is not an answer to a subscription")
        case 409 where error.canonical == "ALREADY_EXISTS": return nil
        default: return error.failure(error.detail(redaction), suspect: .device, at: nil)
        }
    }

    package func validation(of token: String) throws(Failure) -> TransportRequest {
        let body: JSONValue = [
            "validate_only": true, "message": ["token": .string(token), "data": ["check": "1"]],
        ]
        return .http(try authorized("POST", "/messages:send", body: body.bytes))
    }

    package func validity(in reply: TransportReply) -> TokenValidity {
        guard case .http(let response) = reply else { return .unknown(reason: Failure.foreignReply.detail) }
        if response.status == 200 {
            let name = (try? JSONValue(parsing: response.body))?["name"]?.string
            return name == nil ? .unknown(reason: "FCM's answer cannot be read") : .alive
        }
        let error = FCMError(in: response)
        let detail = error.detail(redaction)
        let failure = error.failure(detail, suspect: .device, at: nil)  // what we sent beside it is surely good
        return failure.kind == .refusedRecipient ? .dead(reason: detail) : .unknown(reason: detail)
    }

    /// All but the unreserved characters of RFC 3986, so that a token's colons and a topic's percent signs arrive.
    private static func percentEncoded(_ text: String) -> String {
        var encoded: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                encoded.append(byte)
            default: encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}
