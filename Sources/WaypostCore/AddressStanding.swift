/// What is on record about an address that a message goes to.
package struct AddressStanding: Equatable, Sendable {
    /// Why it must not be written to.
    package var suppression: String?
    /// Transactional messages may go out all the same.
    package var sparesTransactional = false
    /// Of the last words about messages of the type and about all: a no before a yes; nil where nothing was said.
    package var consent: Consent.State?

    package init(suppression: String? = nil, sparesTransactional: Bool = false, consent: Consent.State? = nil) {
        self.suppression = suppression
        self.sparesTransactional = sparesTransactional
        self.consent = consent
    }

    package func isSuppressed(for type: MessageType) -> Bool {
        suppression != nil && !(sparesTransactional && type == .transactional)
    }
}
