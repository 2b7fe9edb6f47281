import WaypostConfiguration
import WaypostCore
import WaypostPolicy

extension Configuration {
    /// The section `policy`: what may keep a message from being sent, or sent now.
    package struct Policy: Equatable, Sendable {
        /// nil: no type needs consent. A recorded denial blocks in any case.
        package var requireConsent: ConsentSettings?
        /// nil: messages go out at any hour.
        package var quietHours: QuietHours?
        package var pii: PII

        /// What the plan takes of it; `retention` is the store's.
        func settings(retention: Duration) -> PolicySettings {
            var settings = PolicySettings()
            settings.consent = requireConsent ?? ConsentSettings()
            settings.quietHours = quietHours
            settings.pii = pii
            settings.retention = retention
            return settings
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
        }
    }
}

extension ConsentSettings {
    fileprivate init(reading section: inout SectionReader) {
        self.init(types: section.enumerations("types") ?? [], channels: section.enumerations("channels") ?? [])
        section.finish()
    }
}
