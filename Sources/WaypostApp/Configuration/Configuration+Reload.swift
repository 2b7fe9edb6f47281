import WaypostConfiguration

extension Configuration {
    /// What differs from `old` and cannot change while the router runs: a reload with any of it is refused.
    package func restartOnlyChanges(from old: Configuration, file: String = "waypost.yaml") -> [ConfigurationProblem] {
        let settings: [(path: String, old: String?, new: String?)] = [
            ("server.listen", old.server.listen.description, server.listen.description),
            (
                "server.operations_listen", old.server.operationsListen?.description,
                server.operationsListen?.description
            ),
            ("server.tls.certificate", old.server.tls?.certificate, server.tls?.certificate),
            ("server.tls.private_key", old.server.tls?.privateKey, server.tls?.privateKey),
            ("store.path", old.store.path, store.path),
        ]
        return settings.filter { $0.old != $0.new }.map { setting in
            ConfigurationProblem(
                file: file, path: setting.path,
                complaint: "changes from \(setting.old ?? "nothing") to \(setting.new ?? "nothing")",
                wayOut: "restart for that, or put it back")
        }
    }

    /// What differs from `old` and is taken, but takes effect when the router next starts: told, so that nobody waits for it.
    package func changesForNextStart(from old: Configuration) -> [String] {
        let settings: [(path: String, isEqual: Bool)] = [
            ("server.max_body", old.server.maxBody == server.maxBody),
            ("server.max_connections", old.server.maxConnections == server.maxConnections),
            (
                "server.max_connections_per_address",
                old.server.maxConnectionsPerAddress == server.maxConnectionsPerAddress
            ),
            ("server.request_timeout", old.server.requestTimeout == server.requestTimeout),
            ("store.synchronous", old.store.synchronous == store.synchronous),
        ]
        return settings.filter { !$0.isEqual }.map { "\($0.path) changed: it takes effect at the next start" }
    }
}
