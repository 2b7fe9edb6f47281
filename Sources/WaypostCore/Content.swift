/// What is to be sent. A channel is a case. Boxed, so that handing a message on is one reference, not thirty.
package indirect enum Content: Equatable, Sendable {
    case email(Email)
    case sms(SMS)
    case whatsapp(WhatsApp)
    case voice(Voice)
    case push(Push)

    package var channel: Channel {
        switch self {
        case .email: .email
        case .sms: .sms
        case .whatsapp: .whatsapp
        case .voice: .voice
        case .push: .push
        }
    }
}

extension Content {
    package var email: Email? { if case .email(let email) = self { email } else { nil } }
    package var sms: SMS? { if case .sms(let sms) = self { sms } else { nil } }
    package var whatsapp: WhatsApp? { if case .whatsapp(let message) = self { message } else { nil } }
    package var voice: Voice? { if case .voice(let call) = self { call } else { nil } }
    package var push: Push? { if case .push(let push) = self { push } else { nil } }

    /// The number that is written to or called; nil on channels that know no numbers.
    package var phone: PhoneNumber? {
        switch self {
        case .sms(let sms): sms.to
        case .whatsapp(let message): message.to
        case .voice(let call): call.to
        case .email, .push: nil
        }
    }

    /// Content that says nothing, in the place of one that is not kept any more.
    package static func nothing(on channel: Channel) -> Content {
        let nobody = PhoneNumber(unchecked: "")
        return switch channel {
        case .email, .realtime: .email(Email(to: [], subject: ""))
        case .sms: .sms(SMS(to: nobody, text: ""))
        case .whatsapp: .whatsapp(WhatsApp(to: nobody))
        case .voice: .voice(Voice(to: nobody, script: .twiml("")))
        case .push: .push(Push(targets: []))
        }
    }
}
