/// What the store knows of a message, as plain values: what the API reads out and `waypost explain` prints.
package struct MessageRecord: Equatable, Sendable {
    package var seq: Int64
    package var message: Message
    /// The content is gone once its retention is over; the message then carries an empty one that is not shown.
    package var isContentRetained = true
    package var state: DeliveryState
    /// Why it is in that state, where that says something: `ttl is over`, `canceled by the client`.
    package var statusReason: String?
    package var updatedAt: Timestamp
    /// The last provider that was tried, and its own id of the message.
    package var provider: ProviderName?
    package var providerMessageID: String?
    /// What the attempts cost so far; nil where no price is known, or they were paid in several currencies.
    package var cost: Cost?
    package var deliveries: [DeliveryRecord] = []
    package var attempts: [AttemptRecord] = []
    package var events: [EventRecord] = []

    package init(seq: Int64, message: Message, state: DeliveryState, updatedAt: Timestamp) {
        self.seq = seq
        self.message = message
        self.state = state
        self.updatedAt = updatedAt
    }
}

/// One address of a message, as it is kept.
package struct DeliveryRecord: Equatable, Sendable {
    package var ordinal: Int
    package var role: Delivery.Role
    /// nil once it has been erased.
    package var address: String?
    package var state: DeliveryState
    package var reason: String?
    package var provider: ProviderName?
    /// The provider's own id.
    package var reference: String?
    package var updatedAt: Timestamp

    package init(ordinal: Int, role: Delivery.Role, address: String?, state: DeliveryState, updatedAt: Timestamp) {
        self.ordinal = ordinal
        self.role = role
        self.address = address
        self.state = state
        self.updatedAt = updatedAt
    }
}

/// One exchange with a provider, as it is kept.
package struct AttemptRecord: Equatable, Sendable {
    package var id: AttemptID
    package var provider: ProviderName
    /// Which of the message's deliveries it was for, where each travels alone; nil: all.
    package var delivery: Int?
    package var startedAt: Timestamp
    /// How it ended; nil while nobody knows.
    package var ending: Ending?

    package struct Ending: Equatable, Sendable {
        package var duration: Duration
        /// `accepted`, or the kind of failure.
        package var outcome: String
        package var httpStatus: Int?
        /// The provider's own code or reply.
        package var providerCode: String?
        package var detail: String?
        package init(
            duration: Duration, outcome: String, httpStatus: Int?, providerCode: String?, detail: String?
        ) {
            self.duration = duration
            self.outcome = outcome
            self.httpStatus = httpStatus
            self.providerCode = providerCode
            self.detail = detail
        }
    }

    package init(id: AttemptID, provider: ProviderName, startedAt: Timestamp, ending: Ending?) {
        self.id = id
        self.provider = provider
        self.startedAt = startedAt
        self.ending = ending
    }
}

/// One event in the order of the commits.
package struct EventRecord: Equatable, Sendable {
    package var seq: Int64
    /// nil: it belongs to no message that we sent.
    package var message: MessageID?
    package var type: EventType
    package var at: Timestamp
    package var provider: ProviderName?
    package var detail: String?
    /// Further facts, an object in JSON.
    package var data: [UInt8]?
    /// The message's, handed back in the events feed.
    package var metadata: [Message.KeyValue] = []

    /// Made of the moment and the sequence number, so that it needs no column.
    package var id: EventID {
        EventID(ULID(high: UInt64(truncatingIfNeeded: at.milliseconds) << 16, low: UInt64(truncatingIfNeeded: seq)))
    }

    package init(seq: Int64, message: MessageID?, type: EventType, at: Timestamp) {
        self.seq = seq
        self.message = message
        self.type = type
        self.at = at
    }
}

/// Which messages a list or a bulk procedure is about; every condition that is set must hold.
package struct MessageFilter: Equatable, Sendable {
    package var channel: Channel?
    /// Any of them; empty: all.
    package var statuses: [DeliveryState] = []
    package var type: MessageType?
    /// One recipient's address as the caller wrote it, in plain; the store looks it up by its hash.
    package var to: String?
    package var tag: String?
    /// From this moment on.
    package var createdAfter: Timestamp?
    /// Up to this moment, not including it.
    package var createdBefore: Timestamp?
    /// Dead letters: what the delivery's reason begins with.
    package var reason: String?
    /// Whose messages; nil: everybody's.
    package var client: ClientName?

    package init() {}
}
