/// What a client's token may do (contract: configuration, `auth.keys`).
package enum Scope: String, CaseIterable, Sendable {
    case send, read, operate
    /// Holds all the others.
    case admin
}

extension Set<Scope> {
    /// Whether a client with these scopes may do what `scope` stands for.
    package func allow(_ scope: Scope) -> Bool { contains(scope) || contains(.admin) }
}
