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
}
