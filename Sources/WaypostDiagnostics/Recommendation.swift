/// Something that an operator should know or do, most pressing first.
package struct Recommendation: Equatable, Sendable {
    package enum Priority: String, CaseIterable, Comparable, Sendable {
        case critical, high, medium, low

        package static func < (left: Self, right: Self) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }

    /// The part of the report it was found in.
    package enum Area: String, CaseIterable, Sendable {
        case services, network, mail, performance, security, policy
    }

    package var priority: Priority
    package var area: Area
    /// The same for the same finding in another report: a word, and what it is about after a colon.
    package var key: String
    package var issue: String
    package var action: String
    /// Whether the router does it by itself, so that looking is enough.
    package var automated: Bool

    package init(
        _ priority: Priority, _ area: Area, _ key: String, _ issue: String, action: String, automated: Bool = false
    ) {
        self.priority = priority
        self.area = area
        self.key = key
        self.issue = issue
        self.action = action
        self.automated = automated
    }
}
