import WaypostConfiguration
import WaypostCore
import WaypostPolicy

extension Configuration {
    /// The section `policy`: what may keep a message from being sent, or sent now.
    package struct Policy: Equatable, Sendable {
        /// nil: no type needs consent. A recorded denial blocks in any case.
        package var requireConsent: Consent?
        /// nil: messages go out at any hour.
        package var quietHours: QuietHours?
        package var pii: PII

        /// What the plan takes of it; `retention` is the store's.
        func settings(retention: Duration) -> PolicySettings {
            var settings = PolicySettings()
            settings.quietHours = quietHours
            settings.pii = pii
            settings.retention = retention
            return settings
        }

        /// Which messages need a recorded consent: those of a type and a channel named here.
        package struct Consent: Equatable, Sendable {
            package var types: [MessageType]
            /// Empty: all.
            package var channels: [Channel]
        }

        init(reading section: inout SectionReader) {
            requireConsent = section.unlessOff("require_consent", default: nil) { holder in
                guard var section = holder.section("require_consent") else { return nil }
                return Consent(reading: &section)
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
            NotSupportedYet.consent(section, requireConsent)
        }
    }
}

extension Configuration.Policy.Consent {
    fileprivate init(reading section: inout SectionReader) {
        types = section.enumerations("types") ?? []
        channels = section.enumerations("channels") ?? []
        section.finish()
    }
}
