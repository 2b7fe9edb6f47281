/// A WhatsApp message: free text within the 24 hours after the recipient last wrote, or a template that WhatsApp has
/// approved at any time.
package struct WhatsApp: Equatable, Sendable {
    package var to: PhoneNumber
    /// Overrides the provider's sender.
    package var from: String?
    /// Empty where media or a template says it all.
    package var text = ""
    package var mediaURLs: [String] = []
    package var validity: Duration?
    package var template: Template?

    /// A template that WhatsApp has approved.
    package struct Template: Equatable, Sendable {
        /// As the provider knows it: the template's name, or Twilio's ContentSid (`HX…`).
        package var name: String
        /// `en`, `pt_BR`.
        package var language: String
        /// In the order given; the keys are the placeholders (`1`, `2`, or names).
        package var variables: [Message.KeyValue]

        package init(name: String, language: String, variables: [Message.KeyValue] = []) {
            self.name = name
            self.language = language
            self.variables = variables
        }
    }

    package init(to: PhoneNumber) { self.to = to }
}
