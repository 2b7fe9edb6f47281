import WaypostHTTP
import WaypostProviders

extension Configuration {
    /// What is allowed and still deserves a look, a sentence each; logged at start, printed by `waypost check`.
    package var warnings: [String] {
        var warnings: [String] = []
        if clients.isEmpty {
            warnings.append("auth.keys is empty: only loopback clients without forwarding headers may call")
        }
        if !providers.contains(where: \.gate.enabled) {
            warnings.append("providers: none is enabled, so no message can be sent")
        }
        if store.synchronous == .normal {
            warnings.append(
                "store.synchronous is normal: a power failure may lose the last messages that were accepted")
        }
        for provider in providers where provider.gate.enabled {
            guard let host = provider.clearTextHost, IPAddress(host)?.isLoopback != true, host != "localhost" else {
                continue
            }
            warnings.append("providers.\(provider.name): credentials and messages go to \(host) without TLS")
        }
        for provider in providers {
            for key in provider.callbacks.keys.sorted() {
                warnings.append(
                    "providers.\(provider.name).\(key): has no effect, this kind of provider does not call back")
            }
        }
        return warnings
    }
}

extension ProviderEntry {
    /// The host that is spoken to in the clear; nil when all is encrypted.
    var clearTextHost: String? {
        switch maker {
        case .smtp(let settings): settings.security == .plain ? settings.host : nil
        case .sendgrid(let settings): Self.clearTextHost(settings.baseURL)
        case .ses(let settings): Self.clearTextHost(settings.baseURL)
        case .twilio(let settings): Self.clearTextHost(settings.baseURL)
        case .messagebird(let settings):
            [settings.baseURL, settings.voiceBaseURL, settings.conversationsBaseURL].compactMap(Self.clearTextHost)
                .first
        case .fcm(let settings):
            [settings.baseURL, settings.tokenURL].compactMap(Self.clearTextHost).first
        case .apns(let settings): Self.clearTextHost(settings.baseURL)
        }
    }

    private static func clearTextHost(_ url: String) -> String? {
        ServiceURL(url).flatMap { $0.scheme == "http" ? $0.host : nil }
    }
}
