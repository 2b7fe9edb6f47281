import WaypostConfiguration
import WaypostCore

extension QuietHours {
    /// The section `policy.quiet_hours`; nil when it says no span.
    package init?(reading section: inout SectionReader) {
        if !section.has("types") {
            section.complain("types", "is missing", wayOut: "name the types to hold, like types: [marketing]")
        }
        let types = section.enumerations("types", of: MessageType.self) ?? []
        let from = Self.time("from", in: &section)
        let to = Self.time("to", in: &section)
        let zone = Self.zone("zone", orElse: "recipient", in: &section)
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

    private static func zone(_ key: String, orElse word: String? = nil, in section: inout SectionReader) -> String? {
        guard let text = section.string(key) else { return nil }
        guard text == word || ZoneName.isKnown(text) else {
            let wayOut = "write one like Europe/Amsterdam" + (word.map { ", or \($0)" } ?? "")
            section.complain(key, "\"\(text)\" is not a time zone", wayOut: wayOut)
            return nil
        }
        return text
    }
}
