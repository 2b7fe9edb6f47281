import WaypostCore
import WaypostHTTP
import WaypostJSON
import WaypostPolicy

/// `POST /v1/compliance/check`: what speaks against a message, before anybody sends it.
extension API {
    func checkCompliance(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let body = try RequestBody.json(of: call.request)
            let draft = try SendMessage.decode(body, templates: services.steering.current.templates, at: call.now)
                .unwrap()
            return .later { [self] reply in
                onReader(call, reply) { [self] in
                    switch try lookedUp([.success(draft)], call, at: { _ in "/to/user" })[0] {
                    case .success(let draft): reply.send(.json(ComplianceBody.bytes(try findings(on: draft, call))))
                    case .failure(let problem): reply.send(problem, call)
                    }
                }
            }
        }
    }

    private func findings(on draft: Draft, _ call: Call) throws -> [Compliance.Finding] {
        let policy = services.steering.current.policy
        let addresses = draft.deliveries.map { NormalizedAddress.of($0.address, on: draft.channel) }
        var message = message(draft, call)
        // The law asks where people live, whatever is configured.
        if message.zones.isEmpty { message.zones = try homes(of: draft.content) }
        let standings = try services.policies.standings(
            of: addresses, on: draft.channel, for: draft.type, at: call.now)
        let place = MessagePlace()
        let found = draft.screen(for: PII.Kind.allCases).findings.map { finding in
            (pointer: place.pointer(to: finding, draft.ownVariables), kind: finding.kind)
        }
        return Compliance(
            message, standings: standings, requiresConsent: requiresConsent(draft), personalData: found,
            policy: policy
        ).findings
    }

    /// As `policy.require_consent` has it.
    private func requiresConsent(_ draft: Draft) -> Bool {
        services.steering.current.policy.consent.isRequired(for: draft.type, on: draft.channel)
    }
}

/// `{"compliant", "findings": […]}`.
package enum ComplianceBody {
    package static func bytes(_ findings: [Compliance.Finding]) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("compliant", !findings.contains { $0.status == .fail })
            json.array("findings") { json in
                for finding in findings {
                    json.object { json in
                        json.member("check", finding.check.rawValue)
                        json.member("status", finding.status.rawValue)
                        json.member("detail", finding.detail)
                        json.member("recommendation", ifPresent: finding.recommendation)
                        json.member("pointer", ifPresent: finding.pointer)
                    }
                }
            }
        }
        return json.bytes
    }
}
