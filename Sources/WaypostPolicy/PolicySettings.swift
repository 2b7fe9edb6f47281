import WaypostConfiguration
import WaypostCore

/// What may keep a message from being sent, or sent now (contract: `policy`).
package struct PolicySettings: Equatable, Sendable {
    /// Which messages need a recorded consent.
    package var consent = ConsentSettings()
    /// nil: messages go out at any hour.
    package var quietHours: QuietHours?
    package var pii = PII()
    /// How long content is kept once a message is over (contract: `store.retention.messages`), for who asks.
    package var retention = Duration.seconds(30 * 86_400)

    package init() {}
}

/// What happens to personal data in content (contract: `policy.pii`).
package struct PII: Equatable, Sendable {
    /// What can be found.
    package enum Kind: String, CaseIterable, Sendable {
        case email, phone, ssn
        case creditCard = "credit_card"

        /// For people, to follow "holds".
        package var words: String {
            switch self {
            case .email: "an email address"
            case .phone: "a phone number"
            case .ssn: "a social security number"
            case .creditCard: "a card number"
            }
        }

        /// What stands in its place once it is masked: ASCII, so that a text message keeps its alphabet.
        package var mask: String { self == .creditCard ? "[card]" : "[\(rawValue)]" }
    }

    package enum Reaction: String, CaseIterable, Sendable { case allow, mask, reject }

    /// Logs never hold addresses or content, so that `false` changes nothing.
    package var maskLogs = true
    package var detect = Kind.allCases
    /// A type that is not in it is allowed.
    package var onDetect: [MessageType: Reaction] = [:]

    package init() {}

    /// What to do with what is found in messages of a type; nothing needs to be looked for where it is `allow`.
    package func reaction(to type: MessageType) -> Reaction { detect.isEmpty ? .allow : onDetect[type] ?? .allow }
}

extension PII {
    /// The section `policy.pii`.
    package init(reading section: inout SectionReader) {
        maskLogs = section.boolean("mask_logs", default: maskLogs)
        detect = section.enumerations("detect") ?? detect
        if section.isSection("on_detect"), var table = section.section("on_detect") {
            onDetect = table.table { table, type in table.enumeration(type.rawValue) }
        } else if let reaction = section.enumeration("on_detect", of: Reaction.self) {
            onDetect = Dictionary(uniqueKeysWithValues: MessageType.allCases.map { ($0, reaction) })
        }
        onDetect = onDetect.filter { $0.value != .allow }
        section.finish()
    }
}
