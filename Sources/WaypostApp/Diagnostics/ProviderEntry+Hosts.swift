import WaypostCore
import WaypostDiagnostics
import WaypostProviders

extension ProviderEntry {
    /// The hosts that it speaks to, each once.
    var hostTargets: [HostTarget] {
        switch maker {
        case .smtp(let settings):
            let security: HostTarget.Manner.Security =
                switch settings.security {
                case .implicitTLS: .implicitTLS
                case .startTLS: .startTLS
                case .plain: .plain
                }
            return [
                HostTarget(
                    provider: name.text, host: settings.host, port: settings.port, manner: .mail(security),
                    authorities: transfer.caFile)
            ]
        case .sendgrid(let settings): return targets(settings.baseURL)
        case .ses(let settings): return targets(settings.baseURL)
        case .twilio(let settings): return targets(settings.baseURL)
        case .messagebird(let settings):
            return targets(settings.baseURL, settings.voiceBaseURL, settings.conversationsBaseURL)
        case .fcm(let settings): return targets(settings.baseURL, settings.tokenURL)
        case .apns(let settings): return targets(settings.baseURL, offering: ["h2"])  // it speaks nothing older
        }
    }

    private func targets(_ urls: String..., offering: [String] = ["http/1.1"]) -> [HostTarget] {
        urls.compactMap(ServiceURL.init).reduce(into: []) { targets, url in
            let isSecure = url.scheme == "https"
            let target = HostTarget(
                provider: name.text, host: url.host, port: url.port ?? (isSecure ? 443 : 80),
                manner: isSecure ? .https(offering) : .http, authorities: transfer.caFile)
            if !targets.contains(target) { targets.append(target) }
        }
    }

    /// The address that mail goes out from; nil for what sends none.
    var sender: String? {
        switch maker {
        case .sendgrid(let settings): settings.from.email
        case .ses(let settings): settings.from.email
        case .smtp(let settings): settings.from.email
        case .twilio, .messagebird, .fcm, .apns: nil
        }
    }

    /// Under which the maker has its customers publish their keys, where that is known: SendGrid names them so.
    var signingSelectors: [String] { kind == .sendgrid ? ["s1", "s2"] : [] }

    /// It calls back, and we cannot prove that it is it.
    var lacksWebhookKey: Bool {
        switch maker {
        case .sendgrid(let settings): settings.webhookPublicKey == nil
        case .ses(let settings): settings.snsTopicARNs.isEmpty
        case .twilio(let settings): settings.authToken == nil && settings.webhookSharedKeys.isEmpty
        case .messagebird(let settings): settings.signingKey == nil
        case .smtp, .fcm, .apns: false
        }
    }
}
