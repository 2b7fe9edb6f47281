import WaypostCore
import WaypostHTTP

/// One entry of `providers` in the configuration, as far as its adapter needs it: the name, how transfers are made, and
/// what the maker in question wants to know.
package struct ProviderSettings: Sendable {
    /// The settings that belong to one kind alone.
    package enum Maker: Sendable {
        case sendgrid(SendGrid.Settings)
        case ses(SES.Settings)
        case smtp(SMTP.Settings)
        case twilio(Twilio.Settings)
        case messagebird(MessageBird.Settings)
        case fcm(FCM.Settings)
        case apns(APNs.Settings)
    }

    /// The instance name.
    package var name: ProviderName
    package var transfer: TransferSettings
    package var maker: Maker

    package init(name: ProviderName, transfer: TransferSettings = TransferSettings(), maker: Maker) {
        self.name = name
        self.transfer = transfer
        self.maker = maker
    }

    /// The configuration's `kind`.
    package var kind: ProviderKind {
        switch maker {
        case .sendgrid: .sendgrid
        case .ses: .ses
        case .smtp: .smtp
        case .twilio: .twilio
        case .messagebird: .messagebird
        case .fcm: .fcm
        case .apns: .apns
        }
    }
}
