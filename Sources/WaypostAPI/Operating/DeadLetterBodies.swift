import WaypostCore
import WaypostJSON

/// Which dead letters a procedure is about.
package enum DeadLetterSelection: Equatable, Sendable {
    /// 1 to 1,000 of them, each once.
    case ids([MessageID])
    /// All that the filter lets through; an empty one lets all through.
    case filter(MessageFilter)

    /// `ids` or `filter`, one of the two.
    init?(reading reader: inout FieldReader) {
        let ids = reader.messageIDs("ids")
        let filter = reader.object("filter") { MessageFilter(reading: &$0) }
        switch (reader.has("ids"), reader.has("filter")) {
        case (true, true): reader.complain(.name("filter"), "must not stand beside ids: give one of the two")
        case (false, false): reader.complain(nil, "needs ids or filter; filter: {} means all")
        default: break
        }
        if let ids { self = .ids(ids) } else if let filter { self = .filter(filter) } else { return nil }
    }
}

/// `POST /v1/dead-letters/replay`.
package struct DeadLetterReplay: Equatable, Sendable {
    package var selection: DeadLetterSelection
    package var isDryRun: Bool

    package static func decode(_ body: JSONValue) -> Result<DeadLetterReplay, Problem> {
        FieldReader.read(body) { reader in
            let isDryRun = reader.bool("dry_run") ?? false
            return DeadLetterSelection(reading: &reader).map { DeadLetterReplay(selection: $0, isDryRun: isDryRun) }
        }
    }
}

/// `POST /v1/dead-letters/purge`.
package struct DeadLetterPurge: Equatable, Sendable {
    package var selection: DeadLetterSelection
    package var reason: String
    package var isDryRun: Bool

    package static func decode(_ body: JSONValue) -> Result<DeadLetterPurge, Problem> {
        FieldReader.read(body) { reader in
            let isDryRun = reader.bool("dry_run") ?? false
            let reason = reader.reason(isRequired: true)
            guard let selection = DeadLetterSelection(reading: &reader), let reason else { return nil }
            return DeadLetterPurge(selection: selection, reason: reason, isDryRun: isDryRun)
        }
    }
}

/// `POST /v1/dead-letters/resolve`: what an operator knows of messages in doubt.
package struct DeadLetterResolution: Equatable, Sendable {
    package enum Verdict: String, CaseIterable, Sendable { case sent, failed, resend }

    package var ids: [MessageID]
    package var verdict: Verdict
    package var reason: String

    package static func decode(_ body: JSONValue) -> Result<DeadLetterResolution, Problem> {
        FieldReader.read(body) { reader in
            _ = reader.require("ids")
            let ids = reader.messageIDs("ids")
            let verdict = reader.require("as").flatMap { _ in reader.word("as", as: Verdict.self) }
            guard let reason = reader.reason(isRequired: true), let ids, let verdict else { return nil }
            return DeadLetterResolution(ids: ids, verdict: verdict, reason: reason)
        }
    }
}

extension FieldReader {
    /// Octets of a reason: a sentence or two for the audit trail.
    private static let reasonBytes = 1...500

    mutating func reason(isRequired: Bool) -> String? {
        if isRequired, require("reason") == nil { return nil }
        return line("reason", bytes: Self.reasonBytes)
    }

    /// Messages by their ids, 1 to 1,000, each once.
    mutating func messageIDs(_ name: String) -> [MessageID]? {
        guard let value = take(name) else { return nil }
        var ids: [MessageID] = []
        var seen: Set<MessageID> = []
        elements(name, of: value, count: 1...1000) { reader, step, element in
            guard let text = reader.string(element, at: step) else { return }
            guard let id = MessageID(text) else {
                return reader.complain(step, "is not a message's id: msg_ and 26 characters")
            }
            if seen.insert(id).inserted { ids.append(id) } else { reader.complain(step, "stands twice") }
        }
        return ids
    }
}
