import WaypostCore

extension DiagnosticFacts {
    var ofProcess: [Recommendation] {
        var found: [Recommendation] = []
        if performance.ledgerImbalance != 0 {
            found.append(
                .init(
                    .critical, .performance, "ledger", "The books differ by \(performance.ledgerImbalance) deliveries.",
                    action: "Run waypost fsck, keep the store's file and report it."))
        }
        if performance.storeErrors > 0 {
            found.append(
                .init(
                    .high, .performance, "store_errors", "The store has failed \(performance.storeErrors) time(s).",
                    action: "See the log for the reason; look at the disk."))
        }
        if let p99 = performance.commitP99, p99 > 0.25 {
            found.append(
                .init(
                    .medium, .performance, "slow_store",
                    "One commit in a hundred takes longer than \(Int(p99 * 1000)) ms.",
                    action: "Put the store on a faster disk: every accepted message waits for one."))
        }
        if performance.maxFiles > 0, Double(performance.openFiles) > 0.8 * Double(performance.maxFiles) {
            found.append(
                .init(
                    .high, .performance, "files",
                    "\(performance.openFiles) of \(performance.maxFiles) files are open.",
                    action: "Raise LimitNOFILE, or lower server.max_connections."))
        }
        for provider in performance.providers {
            if provider.attempts >= 20, provider.errors * 20 > provider.attempts {
                found.append(
                    .init(
                        provider.errors * 4 > provider.attempts ? .high : .medium, .performance,
                        "errors:\(provider.name)",
                        "\(provider.errors) of \(provider.attempts) attempts through \(provider.name) failed.",
                        action: "See the reasons in waypost_attempts_total{provider=\"\(provider.name)\"}."))
            }
            if provider.refusedCallbacks > 0 {
                found.append(
                    .init(
                        .high, .security, "callbacks_refused:\(provider.name)",
                        "\(provider.refusedCallbacks) callback(s) in the name of \(provider.name) were refused.",
                        action: "Compare its webhook key and server.public_url; if they are right, somebody forges."))
            }
        }
        return found
    }

    var ofSecurity: [Recommendation] {
        var found: [Recommendation] = []
        if !security.hasKeys {
            found.append(
                .init(
                    security.isPublic ? .critical : .high, .security, "no_keys",
                    "auth.keys is empty: whoever is on this machine may send and operate.",
                    action: "Make a key for each client: waypost key new."))
        }
        if security.isPublic, !security.hasTLS {
            found.append(
                .init(
                    .high, .security, "no_tls", "The router listens beyond this machine without TLS.",
                    action: "Set server.tls, or listen on loopback behind a proxy that has it."))
        }
        if security.publicURLIsClear {
            found.append(
                .init(
                    .high, .security, "public_url", "server.public_url is http: callbacks come in the clear.",
                    action: "Give it an https address."))
        }
        for (provider, host) in security.clearHosts.sorted(by: { $0.key < $1.key }) {
            found.append(
                .init(
                    .high, .security, "clear_text:\(provider)",
                    "\(provider): credentials and messages go to \(host) without TLS.",
                    action: "Write https in its base_url, or smtps."))
        }
        for provider in security.unsignedProviders {
            found.append(
                .init(
                    .medium, .security, "unsigned:\(provider)",
                    "\(provider) has no webhook key: its receipts cannot be proved and are refused.",
                    action: "Copy the key from the provider's console into its entry."))
        }
        if !security.openOperators.isEmpty {
            found.append(
                .init(
                    .medium, .security, "open_operators",
                    "Keys that may operate are good from anywhere: \(security.openOperators.joined(separator: ", ")).",
                    action: "Give them allow_ips."))
        }
        let clients = security.openKeys.filter { !security.openOperators.contains($0) }
        if !clients.isEmpty {
            found.append(
                .init(
                    .low, .security, "open_keys", "Keys are good from anywhere: \(clients.joined(separator: ", ")).",
                    action: "Give them allow_ips where their clients have fixed addresses."))
        }
        if !security.isEncrypted {
            found.append(
                .init(
                    .low, .security, "no_encryption",
                    "store.encryption_keys is empty: content lies on disk in the clear.",
                    action: "Set a key, or keep the store on an encrypted disk."))
        }
        return found + ofFiles
    }

    private var ofFiles: [Recommendation] {
        var found: [Recommendation] = []
        for file in security.files {
            if file.mode & 0o007 != 0 {
                found.append(
                    .init(
                        .high, .security, "readable:\(file.role)",
                        "Everybody on this machine may read the \(file.role) (mode \(String(file.mode, radix: 8))).",
                        action: "chmod 600, or 640 with a group of its own."))
            }
            let days = Int((at - file.changedAt).seconds / 86_400)
            if days > 365 {
                found.append(
                    .init(
                        .low, .security, "old:\(file.role)", "The \(file.role) has not changed for \(days) days.",
                        action: "Exchange the secrets in it from time to time."))
            }
        }
        if let end = security.certificateExpiresAt {
            found += Self.expiry(
                days: Self.days(until: end.unixSeconds, from: at), .security, "own_certificate",
                "The certificate of server.tls", "Renew it and reload; the files are read anew.")
        }
        return found
    }

    var ofPolicy: [Recommendation] {
        var found: [Recommendation] = []
        if !security.requiresConsent {
            found.append(
                .init(
                    .low, .policy, "no_consent", "Marketing goes out without a consent on record.",
                    action: "Set policy.require_consent: {types: [marketing]} if you send any."))
        }
        if !security.hasQuietHours {
            found.append(
                .init(
                    .low, .policy, "no_quiet_hours", "Marketing goes out at any hour.",
                    action: "Set policy.quiet_hours if you send any."))
        }
        return found
    }
}
