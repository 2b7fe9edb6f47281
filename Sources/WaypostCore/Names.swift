/// The name of a provider instance in the configuration: `[a-z0-9-]{1,40}`.
package struct ProviderName: Hashable, Comparable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    package let text: String

    package init?(_ text: String) {
        guard (1...40).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D })
        else { return nil }
        self.text = text
    }

    package init(stringLiteral text: String) { self.text = text }

    package var description: String { text }
    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

/// Who called: the name of an entry of `auth.keys`, or `local` where none is configured.
package struct ClientName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    package let text: String
    package init(_ text: String) { self.text = text }
    package init(stringLiteral text: String) { self.text = text }
    package var description: String { text }
    /// A loopback caller while no key is configured.
    package static let local: ClientName = "local"
}
