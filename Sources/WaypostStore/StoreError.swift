/// Why the store did not do what it was asked.
package enum StoreError: Error, Equatable, Sendable {
    /// It cannot commit now: the disk is full or failing. Nothing of the request was kept.
    case unavailable(String)
    /// This one change was refused by the database; the others of its batch were kept.
    case rejected(String)
    /// The file cannot be used at all: damaged, from a newer version, or open elsewhere.
    case unusable(String)

    /// For an operator; holds no content.
    package var detail: String {
        switch self {
        case .unavailable(let text), .rejected(let text), .unusable(let text): text
        }
    }
}
