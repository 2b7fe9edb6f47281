import WaypostCore
import WaypostDelivery
import WaypostJSON

/// A message as it is read: `GET /v1/messages/{id}`, and in short in lists. Fields without a value are `null`, so that the
/// shape is always the same.
package enum MessageBody {
    package enum Extent: Sendable {
        /// Content, attempts, events and recipients too.
        case whole
        /// The ledger's line alone, for lists.
        case summary
    }

    /// The message as a whole JSON text.
    package static func bytes(_ record: MessageRecord, _ extent: Extent = .whole) -> [UInt8] {
        var json = JSONWriter(capacity: extent == .whole ? 2048 : 512)
        write(record, extent, to: &json)
        return json.bytes
    }

    package static func write(_ record: MessageRecord, _ extent: Extent, to json: inout JSONWriter) {
        json.object { json in
            writeHead(record, to: &json)
            writeOutcome(record, to: &json)
            guard extent == .whole else { return }
            writeContent(record, to: &json)
            json.array("recipients") { json in for delivery in record.deliveries { write(delivery, to: &json) } }
            json.array("attempts") { json in for attempt in record.attempts { write(attempt, to: &json) } }
            json.array("events") { json in for event in record.events { EventBody.write(event, .ofMessage, to: &json) }
            }
        }
    }

    /// What the client said of it.
    private static func writeHead(_ record: MessageRecord, to json: inout JSONWriter) {
        let message = record.message
        json.member("id", plain: message.id.bytes)
        json.member("status", record.state.word)
        json.member("status_reason", orNull: record.statusReason)
        json.member("channel", message.channel.rawValue)
        json.member("type", message.type.rawValue)
        json.member("priority", message.priority.rawValue)
        json.member("client", message.client.text)
        json.member("created_at", plain: message.createdAt.bytes)
        json.member("updated_at", plain: record.updatedAt.bytes)
        json.member("send_at", orNull: message.sendAt)
        json.member("expires_at", plain: message.expiresAt.bytes)
        json.member("on_ambiguous", orNull: message.onAmbiguous?.rawValue)
        json.object("metadata") { json in for pair in message.metadata { json.member(pair.key, pair.value) } }
        json.array("tags") { json in for tag in message.tags { json.element(tag) } }
        json.member("traceparent", message.traceparent)
        json.member("resend_of", orNull: message.resendOf?.description)
    }

    /// What became of it.
    private static func writeOutcome(_ record: MessageRecord, to json: inout JSONWriter) {
        json.member("provider", orNull: record.provider?.text)
        json.member("provider_message_id", orNull: record.providerMessageID)
        if let cost = record.cost {
            json.object("cost") { json in
                json.member("micros", cost.micros)
                json.member("currency", cost.currency)
            }
        } else {
            json.null("cost")
        }
        json.object("deliveries") { json in
            json.member("total", record.deliveries.count)
            json.object("by_state") { json in
                for state in DeliveryState.allCases {
                    let count = record.deliveries.count { $0.state == state }
                    if count > 0 { json.member(state.word, count) }
                }
            }
        }
    }

    private static func writeContent(_ record: MessageRecord, to json: inout JSONWriter) {
        let message = record.message
        guard record.isContentRetained else {
            ContentBody.writeNothing(to: &json)
            json.null("template")
            return json.null("segments")
        }
        ContentBody.write(message.content, isWordless: message.template?.hasText == false, to: &json)
        if let template = message.template {
            json.object("template") { json in
                json.member("id", template.name)
                json.member("variables", template.variables)
            }
        } else {
            json.null("template")
        }
        SegmentBody.write(message.content, to: &json)
    }

    private static func write(_ delivery: DeliveryRecord, to json: inout JSONWriter) {
        json.object { json in
            json.member("role", delivery.role.word)
            json.member("address", orNull: delivery.address)
            json.member("status", delivery.state.word)
            json.member("status_reason", orNull: delivery.reason)
            json.member("provider", orNull: delivery.provider?.text)
            json.member("provider_message_id", orNull: delivery.reference)
            json.member("updated_at", plain: delivery.updatedAt.bytes)
        }
    }

    /// What is not known yet is `null`: the attempt is under way. `reason` is ours and says what `outcome` means; `detail` is
    /// what the provider or the network said, in words that nobody may rely on.
    private static func write(_ attempt: AttemptRecord, to json: inout JSONWriter) {
        let ending = attempt.ending
        json.object { json in
            json.member("id", plain: attempt.id.bytes)
            json.member("provider", attempt.provider.text)
            if let delivery = attempt.delivery { json.member("delivery", delivery) }
            json.member("started_at", plain: attempt.startedAt.bytes)
            json.member("duration_ms", orNull: ending?.duration.milliseconds)
            json.member("outcome", orNull: ending?.outcome)
            json.member("reason", orNull: ending.flatMap { Failure.Kind(rawValue: $0.outcome)?.meaning })
            json.member("http_status", orNull: ending?.httpStatus)
            json.member("provider_code", orNull: ending?.providerCode)
            json.member("detail", orNull: ending?.detail)
        }
    }
}

extension Delivery.Role {
    /// The line of the envelope, as the API names it.
    package var word: String {
        switch self {
        case .to: "to"
        case .cc: "cc"
        case .bcc: "bcc"
        }
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: String, orNull number: (some BinaryInteger)?) {
        if let number { member(name, number) } else { null(name) }
    }

    mutating func member(_ name: String, orNull time: Timestamp?) {
        if let time { member(name, plain: time.bytes) } else { null(name) }
    }
}
