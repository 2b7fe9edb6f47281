/// A value of the file with the line it stands on: what is left of YAML once types, anchors and `${}` are out of the way.
struct ConfigurationNode: Equatable, Sendable {
    indirect enum Value: Equatable, Sendable {
        /// `key:`, `~`, `null`, or what expands to nothing: as if the key were not there.
        case unset
        case scalar(Scalar)
        case list([ConfigurationNode])
        case section([Entry])
        /// It could not be expanded, and that was complained about: readers pass over it in silence.
        case broken
    }

    /// Text whose type is the key's business: `NO` stays NO, `21:00` stays 21:00, `0755` stays 0755.
    struct Scalar: Equatable, Sendable {
        var text: String
        /// Written without quotes, which matters to the display alone.
        var isPlain = true
        /// Read through `file:`, so it is shown to nobody.
        var isFromFile = false
    }

    struct Entry: Equatable, Sendable {
        var key: String
        var line: Int
        var node: ConfigurationNode
    }

    /// From 1.
    var line: Int
    var value: Value

    /// What it is, for complaints.
    var kind: String {
        switch value {
        case .unset, .broken: "nothing"
        case .scalar: "a single value"
        case .list: "a list"
        case .section: "a section"
        }
    }
}
