import WaypostCore
import WaypostJSON

/// Reads the body of `POST /v1/messages`.
package enum SendMessage {
    /// What the client wants sent, or all that is wrong with it. `now` is what `send_at` is measured against.
    package static func decode(_ body: JSONValue, at now: Timestamp) -> Result<Draft, Problem> {
        decode(body, under: [], at: now)
    }

    /// The same of a message within a larger body, at `path`.
    static func decode(_ body: JSONValue, under path: [FieldReader.Step], at now: Timestamp) -> Result<Draft, Problem> {
        FieldReader.read(body, at: path) { reader in
            let common = CommonFields(from: &reader, at: now)
            let metadata = MetadataField.read(&reader)
            let to = reader.require("to")
            guard common.channel == .email else { return nil }
            let list = to.map { RecipientList(reading: $0, named: "to", with: &reader) } ?? RecipientList()
            common.checkRecipients(to: list, with: &reader)
            return common.draft(to: list, metadata: metadata)
        }
    }
}
