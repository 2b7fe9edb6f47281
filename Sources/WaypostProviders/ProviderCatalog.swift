import WaypostCore
import WaypostHTTP

/// The one place that knows every adapter: a new provider is a folder and a line here.
package enum ProviderCatalog {
    /// The adapter for one entry of the configuration. `old`: the one whose place it takes at a reload; a credential that
    /// still holds is handed on, since makers count how often one asks for another.
    package static func make(_ settings: ProviderSettings, replacing old: (any Provider)? = nil) -> any Provider {
        make(name: settings.name, settings: settings.maker, transfer: settings.transfer, replacing: old)
    }

    /// The adapter for one maker's settings under an instance name.
    package static func make(
        name: ProviderName, settings: ProviderSettings.Maker, transfer: TransferSettings,
        replacing old: (any Provider)? = nil
    ) -> any Provider {
        switch settings {
        case .sendgrid(let settings): SendGrid(name: name, settings: settings, transfer: transfer)
        case .ses(let settings): SES(name: name, settings: settings, transfer: transfer)
        case .smtp(let settings): SMTP(name: name, settings: settings, transfer: transfer)
        case .twilio(let settings): Twilio(name: name, settings: settings, transfer: transfer)
        case .messagebird(let settings): MessageBird(name: name, settings: settings, transfer: transfer)
        case .fcm(let settings): FCM(name: name, settings: settings, transfer: transfer, replacing: old as? FCM)
        case .apns(let settings): APNs(name: name, settings: settings, transfer: transfer, replacing: old as? APNs)
        }
    }
}
