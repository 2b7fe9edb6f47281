import WaypostCore
import WaypostCrypto
import WaypostJSON

extension DiagnosticFacts.Services {
    var json: JSONValue {
        [
            "store": ["commit_ms": .time(commitTime), "failure": .text(storeFailure)],
            "checks": .array(
                checks.map { check in
                    [
                        "name": .string(check.name), "status": check.failure == nil ? "pass" : "fail",
                        "output": .text(check.failure),
                    ]
                }),
            "providers": .array(providers.map(\.json)),
            "routes": .map(routes, JSONValue.texts),
            "overrides": .map(overrides, JSONValue.count),
            "last_reload": lastReloadFailed ? "fail" : "pass",
        ]
    }
}

extension DiagnosticFacts.Services.Provider {
    var json: JSONValue {
        [
            "name": .string(name), "kind": .string(kind), "enabled": .bool(isEnabled),
            "disabled_reason": .text(disabledReason), "resting": .bool(isResting),
            "breakers": .map(breakers, JSONValue.string), "last_check": lastCheck?.json ?? .null,
            "check": freshCheck?.json ?? .null,
        ]
    }
}

extension DiagnosticFacts.Services.Checked {
    var json: JSONValue {
        [
            "status": ailment == nil ? "pass" : "fail", "output": .text(ailment), "time": .string("\(at)"),
            "duration_ms": .time(duration),
        ]
    }
}

extension HostFacts {
    var json: JSONValue {
        [
            "provider": .string(target.provider), "host": .string(target.host), "port": .count(target.port),
            "dns": ["ms": .time(resolveTime), "addresses": .texts(addresses)],
            "connect_ms": .time(connectTime),
            "tls": tls.map { $0.json(handshake: handshakeTime) } ?? .null,
            "first_byte_ms": .time(firstByteTime), "bytes_per_second": .fraction(throughput),
            "clock_lead_ms": .time(clockLead),
            "failure": failure.map { ["stage": .string($0.stage.rawValue), "detail": .string($0.detail)] } ?? .null,
        ]
    }
}

extension TLSFacts {
    func json(handshake: Duration?) -> JSONValue {
        [
            "handshake_ms": .time(handshake), "protocol": .string(version), "cipher": .string(cipher),
            "alpn": .text(application), "issuer": .string(issuer),
            "not_before": .string("\(Timestamp(milliseconds: validity.lowerBound * 1000))"),
            "not_after": .string("\(Timestamp(milliseconds: validity.upperBound * 1000))"),
            "names_host": .bool(namesHost), "trusted": .bool(distrust == nil), "distrust": .text(distrust),
        ]
    }
}

extension SenderDomain {
    var json: JSONValue {
        [
            "domain": .string(name), "providers": .texts(providers), "spf": spf.json, "dkim": dkim.json,
            "dmarc": dmarc.json,
        ]
    }
}

extension SenderDomain.Record {
    var json: JSONValue {
        switch self {
        case .present(let text): ["status": "present", "output": .string(text)]
        case .missing: ["status": "missing", "output": .null]
        case .unknown(let why): ["status": "unknown", "output": .string(why)]
        }
    }
}

extension DiagnosticFacts.Performance {
    var json: JSONValue {
        [
            "channels": .array(
                channels.map { channel in
                    [
                        "channel": .string(channel.name), "p50_ms": .milliseconds(channel.p50),
                        "p99_ms": .milliseconds(channel.p99), "queued": .count(channel.queued),
                        "oldest_age_seconds": .fraction(channel.oldestAge),
                        "dead_letters": .count(channel.deadLetters), "in_doubt": .count(channel.inDoubt),
                        "delivery_rate": .map(channel.deliveryRates, JSONValue.fraction),
                    ]
                }),
            "providers": .array(
                providers.map { provider in
                    [
                        "name": .string(provider.name), "attempts": .count(provider.attempts),
                        "errors": .count(provider.errors), "p99_ms": .milliseconds(provider.p99),
                        "callbacks_refused": .count(provider.refusedCallbacks),
                    ]
                }),
            "throughput_per_second": .fraction(throughput), "failovers": .count(failovers),
            "store": [
                "commit_p50_ms": .milliseconds(commitP50), "commit_p99_ms": .milliseconds(commitP99),
                "errors": .count(storeErrors), "size_bytes": .count(storeSize), "log_size_bytes": .count(storeLogSize),
                "ledger_imbalance": .count(ledgerImbalance), "disk_free_bytes": .count(diskFree),
                "disk_needed_bytes": .count(diskNeeded),
            ],
            "process": [
                "resident_bytes": .count(residentMemory), "cpu_share": .fraction(processorShare),
                "open_files": .count(openFiles), "max_files": .count(maxFiles),
                "uptime_seconds": .fraction(uptime),
            ],
        ]
    }
}

extension DiagnosticFacts.Security {
    var json: JSONValue {
        [
            "keys_configured": .bool(hasKeys), "keys_without_allow_ips": .texts(openKeys),
            "store_encrypted": .bool(isEncrypted), "tls": .bool(hasTLS), "listens_publicly": .bool(isPublic),
            "public_url_clear_text": .bool(publicURLIsClear),
            "clear_text_providers": .map(clearHosts, JSONValue.string),
            "providers_without_webhook_key": .texts(unsignedProviders),
            "files": .array(
                files.map { file in
                    [
                        "role": .string(file.role), "mode": .string(String(file.mode, radix: 8)),
                        "changed_at": .string("\(file.changedAt)"),
                    ]
                }),
            "certificate_not_after": .text(certificateExpiresAt.map { "\($0)" }),
            "consent_required": .bool(requiresConsent), "quiet_hours": .bool(hasQuietHours),
        ]
    }
}
