import WaypostCore
import WaypostCrypto

extension DiagnosticFacts {
    var ofHosts: [Recommendation] {
        hosts.flatMap { host -> [Recommendation] in
            let name = "\(host.target.provider): \(host.target.host)"
            let key = "\(host.target.provider)/\(host.target.host)"
            var found: [Recommendation] = []
            if let failure = host.failure { found.append(Self.unreachable(failure, name, key)) }
            if let tls = host.tls { found += certificate(tls, name, key) }
            if let time = host.resolveTime, time > .seconds(1) {
                found.append(
                    .init(
                        .medium, .network, "slow_dns:\(key)",
                        "\(name) took \(Self.round(time.seconds)) s to resolve.",
                        action: "Put a caching resolver beside the router."))
            }
            if let lead = host.clockLead, lead.seconds.magnitude > 5 {
                found.append(
                    .init(
                        .high, .network, "clock:\(key)",
                        "Our clock is \(Self.round(lead.seconds.magnitude)) s \(lead > .zero ? "ahead of" : "behind") that of \(name).",
                        action: "Run a time service: signatures and tokens of a wrong time are refused."))
            }
            return found
        }
    }

    private static func unreachable(_ failure: ProbeFailure, _ name: String, _ key: String) -> Recommendation {
        let (step, action) =
            switch failure.stage {
            case .resolve: ("cannot be resolved", "Look at the name and at the machine's resolver.")
            case .connect: ("cannot be connected to", "Look at the firewall, the route and the provider's status.")
            case .handshake:
                (
                    "does not complete TLS",
                    "Look for an intercepting proxy; name its authority in ca_file if it is meant."
                )
            case .answer: ("does not answer", "Look at the provider's status.")
            case .deadline: ("was not reached in time", "Look at the machine's resolver and at the network.")
            }
        return Recommendation(
            .high, .network, "unreachable:\(key)", "\(name) \(step): \(failure.detail).", action: action)
    }

    private func certificate(_ tls: TLSFacts, _ name: String, _ key: String) -> [Recommendation] {
        if let distrust = tls.distrust {
            return [
                .init(
                    .critical, .network, "certificate:\(key)",
                    "The certificate of \(name) is not trusted: \(distrust).",
                    action: "Look for an intercepting proxy, and at the machine's authorities; ca_file adds one.")
            ]
        }
        if !tls.namesHost {
            return [
                .init(
                    .critical, .network, "certificate:\(key)", "The certificate of \(name) is for another host.",
                    action: "Look at base_url and at what DNS answers.")
            ]
        }
        return Self.expiry(
            days: Self.days(until: tls.validity.upperBound, from: at), .network, "certificate:\(key)",
            "The certificate of \(name)", "It is the provider's to renew; be ready to switch to the backup.")
    }

    static func days(until seconds: Int64, from now: Timestamp) -> Int {
        Int(((Double(seconds) - Double(now.unixSeconds)) / 86_400).rounded(.down))
    }

    static func expiry(
        days: Int, _ area: Recommendation.Area, _ key: String, _ subject: String, _ action: String
    ) -> [Recommendation] {
        guard days < 14 else { return [] }
        let words = days < 0 ? "has expired" : "expires in \(days) day(s)"
        return [.init(days < 3 ? .critical : .high, area, key, "\(subject) \(words).", action: action)]
    }

    var ofDomains: [Recommendation] {
        domains.flatMap { domain -> [Recommendation] in
            let records: [(String, SenderDomain.Record, Recommendation.Priority, String)] = [
                (
                    "SPF", domain.spf, .high,
                    "Publish a text record v=spf1 that includes \(domain.providers.joined(separator: " and "))."
                ),
                ("DKIM", domain.dkim, .high, "Publish the keys that the provider shows for the domain."),
                ("DMARC", domain.dmarc, .medium, "Publish v=DMARC1 at _dmarc.\(domain.name), p=none to begin with."),
            ]
            let missing = records.filter { $0.1 == .missing }.map { kind, _, priority, action in
                Recommendation(
                    priority, .mail, "\(kind.lowercased()):\(domain.name)", "\(domain.name) has no \(kind) record.",
                    action: action)
            }
            if missing.isEmpty, case .unknown(let why) = domain.spf {
                return [
                    .init(
                        .low, .mail, "dns:\(domain.name)",
                        "The records of \(domain.name) could not be read: \(why).",
                        action: "Let the router's machine ask a resolver, or look them up from elsewhere.")
                ]
            }
            return missing
        }
    }
}
