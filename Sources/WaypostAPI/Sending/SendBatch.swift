import WaypostCore
import WaypostJSON
import WaypostTemplates

/// Reads the body of `POST /v1/messages/batch`, in either of its forms.
package enum SendBatch {
    /// Messages of one batch.
    package static let count = 1...1000

    /// One result for each message, in order: a bad one does not spoil the others. Pointers start at the root of the body.
    ///
    /// - Returns: a problem of the whole where the form itself, or what all messages share, is wrong.
    package static func decode(
        _ body: JSONValue, templates: TemplateBook = TemplateBook(), at now: Timestamp
    ) -> Result<[Result<Draft, Problem>], Problem> {
        FieldReader.read(body) { reader in
            if reader.has("messages") { return messages(&reader, templates, at: now) }
            return recipients(&reader, templates, at: now)
        }
    }

    /// `{"messages": […]}`: whole messages.
    private static func messages(
        _ reader: inout FieldReader, _ templates: TemplateBook, at now: Timestamp
    ) -> [Result<Draft, Problem>]? {
        guard let value = reader.take("messages") else { return nil }
        var results: [Result<Draft, Problem>] = []
        reader.elements("messages", of: value, count: count) { _, step, element in
            let path: [FieldReader.Step] = [.name("messages"), step]
            results.append(SendMessage.decode(element, under: path, templates: templates, at: now))
        }
        return results
    }

    /// `{"channel", "content", …, "recipients": […]}`: what all share once, then whom it goes to.
    private static func recipients(
        _ reader: inout FieldReader, _ templates: TemplateBook, at now: Timestamp
    ) -> [Result<Draft, Problem>]? {
        guard let value = reader.take("recipients") else {
            reader.complain(nil, "needs messages, or recipients and what they share")
            _ = reader.takeAll()
            return nil
        }
        let common = CommonFields(from: &reader, templates: templates, at: now)
        common.checkCopies(with: &reader)
        let metadata = MetadataField.read(&reader)
        var results: [Result<Draft, Problem>] = []
        reader.elements("recipients", of: value, count: count) { _, step, element in
            let path: [FieldReader.Step] = [.name("recipients"), step]
            results.append(
                FieldReader.read(element, at: path) { reader in
                    recipient(&reader, common: common, shared: metadata)
                })
        }
        return results
    }

    private static func recipient(
        _ reader: inout FieldReader, common: CommonFields, shared: [Message.KeyValue]
    ) -> Draft? {
        let hasVariables = reader.has("variables")
        let variables = reader.freeObject("variables") ?? []
        if hasVariables, !common.takesVariables {
            reader.complain(.name("variables"), "needs a template for all; content takes none")
        }
        let metadata = merge(MetadataField.read(&reader), into: shared, with: &reader)
        guard let value = reader.require("to"), let channel = common.channel else { return nil }
        let to = Recipients.read(value, on: channel, with: &reader) ?? .mailboxes(RecipientList())
        common.checkRecipients(to: to, isBatch: true, with: &reader)
        return common.draft(
            to: to, metadata: metadata, variables: variables, at: [.name("variables")], with: &reader)
    }

    /// The recipient's own pairs win over the shared ones.
    private static func merge(
        _ own: [Message.KeyValue], into shared: [Message.KeyValue], with reader: inout FieldReader
    ) -> [Message.KeyValue] {
        let pairs = shared.filter { pair in !own.contains { $0.key == pair.key } } + own
        if pairs.count > MetadataField.limit {
            reader.complain(.name("metadata"), "makes \(pairs.count) pairs with the shared ones; at most 20")
        }
        return pairs
    }
}
