import WaypostCore

/// The query of a list: which rows, from where on, how many.
package struct ListQuery: Equatable, Sendable {
    /// Which lists there are, by what their rows can be filtered.
    package enum Kind: Sendable {
        /// `GET /v1/messages`.
        case messages
        /// `GET /v1/dead-letters`: the same and `reason`.
        case deadLetters
        /// `GET /v1/events` and others without a filter.
        case plain
    }

    /// 1 to 500.
    package var limit = 50
    /// nil: from the beginning.
    package var after: Cursor?
    package var filter = MessageFilter()

    package init() {}

    /// Reads the part of the target behind the `?`. `statuses` may be several, with commas between.
    package static func parse(_ query: Substring, for kind: Kind) -> Result<ListQuery, Problem> {
        var reader = QueryReader(query)
        var list = ListQuery()
        list.limit = reader.integer("limit", in: 1...500) ?? list.limit
        if let text = reader.take("after") {
            list.after = Cursor(text)
            if list.after == nil { reader.complain("after", "is not a cursor of ours: take it from next") }
        }
        if kind != .plain { list.filter = MessageFilter(reading: &reader, withReason: kind == .deadLetters) }
        if let problem = reader.finish() { return .failure(problem) }
        return .success(list)
    }
}

extension MessageFilter {
    /// Octets of an address or a reason that is searched for.
    private static let textBytes = 1...320

    init(reading reader: inout QueryReader, withReason: Bool) {
        self.init()
        channel = reader.word("channel", as: Channel.self)
        if let text = reader.take("status") {
            statuses = Self.statuses(in: text.split(separator: ",", omittingEmptySubsequences: false))
            if statuses.isEmpty { reader.complain("status", Self.statusComplaint) }
        }
        type = reader.word("type", as: MessageType.self)
        to = reader.line("to", bytes: Self.textBytes)
        tag = reader.line("tag", bytes: 1...50)
        createdAfter = reader.time("created_after")
        createdBefore = reader.time("created_before")
        if withReason { reason = reader.line("reason", bytes: Self.textBytes) }
    }

    /// The same conditions as fields of an object, for procedures over many messages.
    init(reading reader: inout FieldReader) {
        self.init()
        channel = reader.word("channel", as: Channel.self)
        if let text = reader.string("status") {
            statuses = Self.statuses(in: text.split(separator: ",", omittingEmptySubsequences: false))
            if statuses.isEmpty { reader.complain(.name("status"), Self.statusComplaint) }
        }
        type = reader.word("type", as: MessageType.self)
        to = reader.line("to", bytes: Self.textBytes)
        tag = reader.line("tag", bytes: 1...50)
        createdAfter = reader.time("created_after")
        createdBefore = reader.time("created_before")
        reason = reader.line("reason", bytes: Self.textBytes)
    }

    /// Empty when one of the words is none of ours.
    private static func statuses(in words: [Substring]) -> [DeliveryState] {
        let states = words.compactMap { DeliveryState(word: String($0)) }
        return states.count == words.count ? states : []
    }

    private static let statusComplaint =
        "must be one or more, with commas between, of " + DeliveryState.allCases.map(\.word).joined(separator: ", ")
}
