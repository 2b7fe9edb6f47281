import WaypostCore
import WaypostJSON
import WaypostTemplates

/// Reads the body of `POST /v1/messages`.
package enum SendMessage {
    /// What the client wants sent, or all that is wrong with it. `now` is what `send_at` is measured against.
    package static func decode(
        _ body: JSONValue, templates: TemplateBook = TemplateBook(), at now: Timestamp
    ) -> Result<Draft, Problem> {
        decode(body, under: [], templates: templates, at: now)
    }

    /// The same of a message within a larger body, at `path`.
    static func decode(
        _ body: JSONValue, under path: [FieldReader.Step], templates: TemplateBook, at now: Timestamp
    ) -> Result<Draft, Problem> {
        FieldReader.read(body, at: path) { reader in
            let common = CommonFields(from: &reader, templates: templates, at: now)
            let metadata = MetadataField.read(&reader)
            let value = reader.require("to")
            guard let channel = common.channel else { return nil }
            let to = value.flatMap { Recipients.read($0, on: channel, with: &reader) } ?? .mailboxes(RecipientList())
            common.checkRecipients(to: to, with: &reader)
            return common.draft(to: to, metadata: metadata, with: &reader)
        }
    }
}
