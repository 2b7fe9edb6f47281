import Foundation
import WaypostCore
import WaypostCrypto
import WaypostDiagnostics
import WaypostHTTP

extension DiagnosticFacts.Security {
    /// What a configuration, read from the file at `path`, leaves open. Looks at the files' dates and permissions.
    init(_ configuration: Configuration, path: String) {
        self.init()
        let open = configuration.clients.filter(\.allowedNetworks.isEmpty)
        hasKeys = !configuration.clients.isEmpty
        openKeys = open.map(\.name.text)
        openOperators = open.filter { !$0.scopes.isDisjoint(with: [.operate, .admin]) }.map(\.name.text)
        isEncrypted = !configuration.store.encryptionKeys.isEmpty
        hasTLS = configuration.server.tls != nil
        isPublic = [configuration.server.listen, configuration.server.operationsListen].compactMap(\.self).contains {
            !Self.isLocal($0.host)
        }
        publicURLIsClear =
            configuration.server.publicURL.flatMap(ServiceURL.init).map {
                $0.scheme == "http" && !Self.isLocal($0.host)
            } ?? false
        for provider in configuration.providers where provider.gate.enabled {
            if let host = provider.clearTextHost, !Self.isLocal(host) { clearHosts[provider.name.text] = host }
            if provider.lacksWebhookKey { unsignedProviders.append(provider.name.text) }
        }
        files = [("configuration", path), ("TLS private key", configuration.server.tls?.privateKey)].compactMap {
            role, path in path.flatMap { Self.file(role, at: $0) }
        }
        certificateExpiresAt = configuration.server.tls.flatMap { files in
            guard let pem = FileManager.default.contents(atPath: files.certificate),
                let validity = Certificate.validity(ofPEM: [UInt8](pem))
            else { return nil }
            return Timestamp(milliseconds: validity.upperBound * 1000)
        }
        requiresConsent = configuration.policy.requireConsent?.types.contains(.marketing) ?? false
        hasQuietHours = configuration.policy.quietHours != nil
    }

    private static func isLocal(_ host: String) -> Bool {
        IPAddress(host)?.isLoopback ?? (host.lowercased() == "localhost")
    }

    private static func file(_ role: String, at path: String) -> File? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return File(
            role: role, mode: Int(status.st_mode & 0o777),
            changedAt: Timestamp(milliseconds: Int64(status.st_mtim.tv_sec) * 1000))
    }
}
