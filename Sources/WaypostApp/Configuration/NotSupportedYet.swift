import WaypostConfiguration

/// What `waypost.yaml` can say already and this version cannot do: an error at start, never silence. A function for each
/// feature, which goes when the feature comes.
enum NotSupportedYet {
    static func encryption(_ store: SectionReader, keys: Int) {
        if keys > 0 { complain(store, "encryption_keys", "", "remove it; content is kept in the clear") }
    }

    static func quietHours(_ policy: SectionReader, _ hours: Configuration.Policy.QuietHours?) {
        guard let hours, !hours.types.isEmpty else { return }
        complain(policy, "quiet_hours", "", "remove it; messages go out at any hour")
    }

    static func pii(_ policy: SectionReader, _ pii: Configuration.Policy.PII) {
        guard !pii.maskLogs || pii.onDetect.values.contains(where: { $0 != .allow }) else { return }
        complain(policy, "pii", "other than {mask_logs: true, on_detect: allow} ", "remove it; content is not examined")
    }

    static func eventsOut(_ events: SectionReader, count: Int) {
        if count > 0 { complain(events, "endpoints", "", "remove it; read GET /v1/events instead") }
    }

    static func eventsIn(_ events: SectionReader, count: Int) {
        if count > 0 { complain(events, "incoming", "", "remove it") }
    }

    private static func complain(_ section: SectionReader, _ key: String, _ what: String, _ wayOut: String) {
        section.complain(key, "\(what)is not supported yet", wayOut: wayOut)
    }
}
