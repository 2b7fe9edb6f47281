import WaypostConfiguration

/// At most `limit` in any span of `window`.
package struct WindowSettings: Hashable, Sendable {
    package var limit: Int
    package var window: Duration
    package init(limit: Int, window: Duration) {
        self.limit = limit
        self.window = window
    }
}

extension WindowSettings {
    /// `{limit: 10, window: 60s}`; both are needed.
    package init?(reading section: inout SectionReader) {
        if !section.has("limit") { section.complain("limit", "is missing", wayOut: "add it, like limit: 10") }
        if !section.has("window") { section.complain("window", "is missing", wayOut: "add it, like window: 60s") }
        let limit = section.integer("limit", in: 1...1_000_000_000)
        let window = section.duration("window", in: .milliseconds(1) ... .seconds(366 * 86_400))
        section.finish()
        guard let limit, let window else { return nil }
        self.init(limit: limit, window: window)
    }

    /// The window under `key`; nil where it says `off`, `fallback` where it is not set.
    package static func read(
        _ key: String, in section: inout SectionReader, default fallback: WindowSettings? = nil
    ) -> WindowSettings? {
        section.unlessOff(key, default: fallback) { holder in
            guard var window = holder.section(key) else { return nil }
            return WindowSettings(reading: &window)
        }
    }
}
