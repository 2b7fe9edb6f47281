import WaypostConfiguration
import WaypostCore
import WaypostPolicy

extension Configuration {
    /// The section `policy`: what may keep a message from being sent, or sent now.
    package struct Policy: Equatable, Sendable {
        /// nil: no type needs consent. A recorded denial blocks in any case.
        package var requireConsent: ConsentSettings?
        package var quietHours: QuietHours?
        package var pii: PII

        /// When messages of these types are held.
        package struct QuietHours: Equatable, Sendable {
            package var types: [MessageType]
            /// In minutes since midnight; a span that ends before it begins goes over midnight.
            package var from: Int
            package var to: Int
            /// nil: the recipient's, where it is known.
            package var zone: String?
            /// Where the recipient's is not known.
            package var defaultZone: String
        }

        /// What happens to personal data in content.
        package struct PII: Equatable, Sendable {
            package enum Finding: String, CaseIterable, Sendable {
                case email, phone, ssn
                case creditCard = "credit_card"
            }
            package enum Reaction: String, CaseIterable, Sendable { case allow, mask, reject }

            package var maskLogs = true
            package var detect = Finding.allCases
            /// A type that is not in it is allowed.
            package var onDetect: [MessageType: Reaction] = [:]
        }

        init(reading section: inout SectionReader) {
            requireConsent = section.unlessOff("require_consent", default: nil) { holder in
                guard var section = holder.section("require_consent") else { return nil }
                return ConsentSettings(reading: &section)
            }
            quietHours = section.unlessOff("quiet_hours", default: nil) { holder in
                guard var section = holder.section("quiet_hours") else { return nil }
                return QuietHours(reading: &section)
            }
            pii =
                section.unlessOff("pii", default: PII()) { holder in
                    guard var section = holder.section("pii") else { return nil }
                    return PII(reading: &section)
                } ?? PII()
            section.finish()
            NotSupportedYet.quietHours(section, quietHours)
            NotSupportedYet.pii(section, pii)
        }
    }
}

extension ConsentSettings {
    fileprivate init(reading section: inout SectionReader) {
        self.init(types: section.enumerations("types") ?? [], channels: section.enumerations("channels") ?? [])
        section.finish()
    }
}

extension Configuration.Policy.QuietHours {
    fileprivate init?(reading section: inout SectionReader) {
        if !section.has("types") {
            section.complain("types", "is missing", wayOut: "name the types to hold, like types: [marketing]")
        }
        let types = section.enumerations("types", of: MessageType.self) ?? []
        let from = Self.time("from", in: &section)
        let to = Self.time("to", in: &section)
        let zone = Self.zone("zone", in: &section) ?? "recipient"
        let defaultZone = Self.zone("default_zone", in: &section) ?? "UTC"
        section.finish()
        guard let from, let to else { return nil }
        if from == to { section.complain("to", "is the same as from", wayOut: "write when the quiet ends") }
        self.init(types: types, from: from, to: to, zone: zone == "recipient" ? nil : zone, defaultZone: defaultZone)
    }

    /// `21:00` in minutes since midnight.
    private static func time(_ key: String, in section: inout SectionReader) -> Int? {
        guard let text = section.requiredString(key) else { return nil }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2,
            parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
        else {
            section.complain(key, "\"\(text)\" is not a time of day", wayOut: "write one like 21:00")
            return nil
        }
        return hour * 60 + minute
    }

    /// By its form: which zones there are is the time zone database's business, and that is updated apart from us.
    private static func zone(_ key: String, in section: inout SectionReader) -> String? {
        guard let text = section.string(key) else { return nil }
        let isZone = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x2F, 0x5F: true
            default: false
            }
        }
        guard isZone else {
            section.complain(key, "\"\(text)\" is not a time zone", wayOut: "write one like Europe/Amsterdam")
            return nil
        }
        return text
    }
}

extension Configuration.Policy.PII {
    fileprivate init(reading section: inout SectionReader) {
        self.init()
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
