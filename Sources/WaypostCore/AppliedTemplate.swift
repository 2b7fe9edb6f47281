import WaypostJSON

/// The template of the configuration that a message was made from, as far as providers keep templates of their own.
package struct AppliedTemplate: Equatable, Sendable {
    package var name: String
    /// The providers' own templates, by instance name or kind.
    package var providerIDs: [Message.KeyValue]
    /// Whether the content holds our own words too; without them only a provider that has an id can carry the message.
    package var hasText: Bool
    /// An object.
    package var variables: JSONValue

    package init(name: String, providerIDs: [Message.KeyValue], hasText: Bool, variables: JSONValue) {
        self.name = name
        self.providerIDs = providerIDs
        self.hasText = hasText
        self.variables = variables
    }

    /// The provider's own template: by its instance name, else by its kind; nil where it has none.
    package func id(at provider: ProviderName, kind: String) -> String? {
        providerIDs.first { $0.key == provider.text }?.value ?? providerIDs.first { $0.key == kind }?.value
    }
}
