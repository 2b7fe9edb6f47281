import WaypostCore

/// What speaks for and against sending a message, by the rules that are configured and those of law and trade: the findings
/// of `POST /v1/compliance/check`. It advises; what is refused is refused at the door.
package struct Compliance: Sendable {
    package enum Check: String, CaseIterable, Sendable {
        case consent, suppression
        case optOut = "opt_out"
        case minimisation, retention
        case quietHours = "quiet_hours"
    }

    package enum Status: String, Sendable {
        case pass, warn
        /// It would not be sent, or must not be.
        case fail
    }

    package struct Finding: Equatable, Sendable {
        package var check: Check
        package var status: Status
        package var detail: String
        package var recommendation: String?
        /// A JSON pointer to what it is about.
        package var pointer: String?

        init(
            _ check: Check, _ status: Status, _ detail: String, _ recommendation: String? = nil,
            at pointer: String? = nil
        ) {
            self.check = check
            self.status = status
            self.detail = detail
            self.recommendation = recommendation
            self.pointer = pointer
        }
    }

    let message: Message
    /// Of each recipient.
    let standings: [AddressStanding]
    /// Whether messages of this type on this channel need a recorded consent.
    let requiresConsent: Bool
    /// Personal data in the content, by pointer and kind.
    let personalData: [(pointer: String, kind: PII.Kind)]
    let policy: PolicySettings

    package init(
        _ message: Message, standings: [AddressStanding], requiresConsent: Bool,
        personalData: [(pointer: String, kind: PII.Kind)], policy: PolicySettings
    ) {
        self.message = message
        self.standings = standings
        self.requiresConsent = requiresConsent
        self.personalData = personalData
        self.policy = policy
    }

    /// One for each check at least, in the order of the checks.
    package var findings: [Finding] {
        [consent, suppression, optOut] + minimisation + retention + [quietHours]
    }

    private func some(_ count: Int) -> String { "\(count) of \(standings.count) recipients" }

    private var consent: Finding {
        let denied = standings.count { $0.consent == .denied }
        if denied > 0 {
            return Finding(
                .consent, .fail, "\(some(denied)) said no to messages of this type.", "Leave them out.", at: "/to")
        }
        let silent = standings.count { $0.consent != .granted }
        if silent == 0, !standings.isEmpty { return Finding(.consent, .pass, "Every recipient has agreed.") }
        let wayOut = "Record it with PUT /v1/consents/{channel}/{address}, with where it was given and what shows it."
        if requiresConsent {
            return Finding(.consent, .fail, "No consent is recorded of \(some(silent)).", wayOut, at: "/to")
        }
        guard message.type == .marketing else {
            return Finding(
                .consent, .pass, "Messages of type \(message.type.rawValue) need none here, and nobody said no.")
        }
        return Finding(
            .consent, .warn, "No consent is recorded of \(some(silent)); marketing needs it nearly everywhere.", wayOut,
            at: "/to")
    }

    private var suppression: Finding {
        let suppressed = standings.filter { $0.isSuppressed(for: message.type) }
        guard !suppressed.isEmpty else { return Finding(.suppression, .pass, "No recipient is suppressed.") }
        let reasons = Set(suppressed.compactMap(\.suppression)).sorted().joined(separator: ", ")
        return Finding(
            .suppression, .fail, "\(some(suppressed.count)) are suppressed (\(reasons)) and would not be written to.",
            "Leave them out.", at: "/to")
    }

    private var minimisation: [Finding] {
        guard !personalData.isEmpty else {
            return [Finding(.minimisation, .pass, "No personal data is found in the content.")]
        }
        let reaction = policy.pii.reaction(to: message.type)
        return personalData.map { place in
            let detected = policy.pii.detect.contains(place.kind)
            switch reaction {
            case .reject where detected:
                return Finding(
                    .minimisation, .fail, "Holds \(place.kind.words), which policy.pii refuses.", "Leave it out.",
                    at: place.pointer)
            case .mask where detected:
                return Finding(
                    .minimisation, .warn, "Holds \(place.kind.words), which is masked before it is kept.",
                    at: place.pointer)
            case .reject, .mask, .allow:
                return Finding(
                    .minimisation, .warn, "Holds \(place.kind.words).",
                    "Leave it out where the message can do without, or set policy.pii.on_detect.", at: place.pointer)
            }
        }
    }

    private var retention: [Finding] {
        let finder = PIIFinder()
        let named = message.metadata.filter { !finder.findings(in: $0.value).isEmpty }
        let warnings = named.map { pair in
            Finding(
                .retention, .warn,
                "Metadata holds personal data; it is kept with the message and told with its events.",
                "Name people by an id of yours.", at: "/metadata/\(JSONPointer.step(pair.key))")
        }
        let span = DurationText.write(policy.retention)
        let kept = "Content and metadata are kept for \(span) after the message has come to its end (store.retention)."
        return warnings.isEmpty ? [Finding(.retention, .pass, kept)] : warnings
    }

    private var quietHours: Finding {
        let time = message.sendAt ?? message.createdAt
        if let hold = policy.quietHours?.hold(message, at: time) {
            return Finding(.quietHours, .warn, "It would be \(hold.reason).", "Set send_at to a later hour.")
        }
        let calls = [.sms, .voice, .whatsapp].contains(message.channel)
        if message.type == .marketing, calls, message.content.phone?.country == "US",
            let hold = Self.federal.hold(message, at: time)
        {
            return Finding(
                .quietHours, .warn,
                "It would go out when it is before 8 or after 21 hours in \(hold.zone), which the TCPA does not allow.",
                "Set send_at to \(hold.until) or later, or configure policy.quiet_hours.", at: "/send_at")
        }
        return Finding(.quietHours, .pass, "It would go out at \(time), which is no quiet hour.")
    }

    /// 47 CFR 64.1200(c)(1).
    private static let federal = QuietHours(types: [.marketing], from: 21 * 60, to: 8 * 60)
}

extension Compliance {
    /// Whether who gets marketing can leave: RFC 8058 and CAN-SPAM (16 CFR 316.5) for email, CTIA's messaging principles for
    /// text messages, 47 CFR 64.1200(b)(3) for calls.
    private var optOut: Finding {
        guard message.type == .marketing else {
            return Finding(.optOut, .pass, "Messages of type \(message.type.rawValue) need no way out.")
        }
        switch message.content {
        case .email(let email): return optOut(of: email)
        case .sms(let sms): return optOut(saidIn: [sms.text])
        case .whatsapp(let message):
            return optOut(saidIn: [message.text] + (message.template?.variables.map(\.value) ?? []))
        case .voice(let call):
            guard case .say(let text, _) = call.script else {
                return Finding(.optOut, .warn, "What the call says cannot be seen here.", Self.sayHow)
            }
            return optOut(saidIn: [text])
        case .push: return Finding(.optOut, .pass, "Devices let people turn notifications off.")
        }
    }

    private static let sayHow = "Say how to leave, like: Reply STOP to stop."

    private func optOut(of email: Email) -> Finding {
        let headers = Set(email.headers.map { $0.name.lowercased() })
        if email.unsubscribeURL != nil || headers.isSuperset(of: ["list-unsubscribe", "list-unsubscribe-post"]) {
            return Finding(.optOut, .pass, "It can be unsubscribed from with one click (RFC 8058).")
        }
        if email.tracking.unsubscribe == true {
            return Finding(.optOut, .pass, "The provider adds a way to unsubscribe.")
        }
        let wayOut = "Set content.unsubscribe_url."
        if headers.contains("list-unsubscribe") {
            return Finding(
                .optOut, .warn, "List-Unsubscribe alone is not one click (RFC 8058).", wayOut, at: "/content/headers")
        }
        return Finding(
            .optOut, .fail, "Marketing email without a way to unsubscribe breaks CAN-SPAM.", wayOut, at: "/content")
    }

    private func optOut(saidIn texts: [String]) -> Finding {
        let words = texts.flatMap { $0.split { !$0.isLetter } }
        if words.contains(where: { OptKeyword(text: String($0)) == .stop }) {
            return Finding(.optOut, .pass, "It says how to stop.")
        }
        return Finding(.optOut, .warn, "It does not say how to stop.", Self.sayHow, at: "/content")
    }
}
