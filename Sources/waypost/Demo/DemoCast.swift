import Foundation
import WaypostCore
import WaypostSandbox

/// One channel of a demo: who carries it, and its part in the traffic.
struct DemoCast: Sendable {
    let channel: Channel
    let primary: StandIn
    let backup: StandIn
    /// So many messages of `shares` are its.
    let share: Int

    static let all = [
        DemoCast(channel: .email, primary: .sendgrid, backup: .ses, share: 10),
        DemoCast(channel: .sms, primary: .twilio, backup: .messagebird, share: 5),
        DemoCast(channel: .whatsapp, primary: .twilio, backup: .messagebird, share: 1),
        DemoCast(channel: .voice, primary: .twilio, backup: .messagebird, share: 1),
        DemoCast(channel: .push, primary: .fcm, backup: .apns, share: 10),
    ]

    static let shares = all.reduce(0) { $0 + $1.share }

    /// Whether its providers tell by themselves what they delivered.
    var tellsDelivery: Bool { channel != .push }

    var standIns: [StandIn] { [primary, backup] }

    /// What a stand-in is called in the configuration. Twilio and MessageBird have an account for each of their channels, so
    /// that one channel can fail and the others go on.
    func instance(_ standIn: StandIn) -> ProviderName {
        switch standIn {
        case .twilio, .messagebird: ProviderName(stringLiteral: "\(standIn.rawValue)-\(channel.rawValue)")
        default: ProviderName(stringLiteral: standIn.rawValue)
        }
    }

    /// A message to somebody who gets no other, so that no recipient's limit is near.
    func message(_ number: Int) -> String {
        let phone = String(format: "+1555%07d", number % 10_000_000)
        let (to, content) =
            switch channel {
            case .email, .realtime:
                (
                    #""customer\#(number)@example.org""#,
                    #"{"subject":"Order \#(number) shipped","text":"Your order \#(number) is on its way."}"#
                )
            case .sms, .whatsapp: (#""\#(phone)""#, #"{"text":"Your order \#(number) is on its way."}"#)
            case .voice:
                (#""\#(phone)""#, #"{"say":{"text":"Your order \#(number) is on its way.","language":"en-US"}}"#)
            case .push:
                // A device with an address at both services: that makes them each other's backup.
                (
                    #"{"fcm_token":"demo-\#(number)","apns_token":"\#(String(format: "5a4d%060x", number))","#
                        + #""platform":"ios"}"#,
                    #"{"title":"Order \#(number)","body":"It is on its way."}"#
                )
            }
        return #"{"channel":"\#(channel.rawValue)","to":\#(to),"content":\#(content)}"#
    }
}
