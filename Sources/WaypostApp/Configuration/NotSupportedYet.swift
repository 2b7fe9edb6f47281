import WaypostConfiguration

/// What `waypost.yaml` can say already and this version cannot do: an error at start, never silence. A function for each
/// feature, which goes when the feature comes.
enum NotSupportedYet {
    static func encryption(_ store: SectionReader, keys: Int) {
        if keys > 0 { complain(store, "encryption_keys", "", "remove it; content is kept in the clear") }
    }

    private static func complain(_ section: SectionReader, _ key: String, _ what: String, _ wayOut: String) {
        section.complain(key, "\(what)is not supported yet", wayOut: wayOut)
    }
}
