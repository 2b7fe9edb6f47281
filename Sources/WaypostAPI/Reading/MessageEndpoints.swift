import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostJSON
import WaypostStore

/// Reading messages and the feed, and canceling.
extension API {
    func messageID(_ call: Call) throws(Problem) -> MessageID {
        guard let id = MessageID(call.parameters["id"] ?? "") else {
            throw Problem(.notFound, "There is no such message.")
        }
        return id
    }

    func readMessage(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            let id = try messageID(call)
            try refuseQuery(call)
            return reading(call) { reader in
                guard let record = try reader.message(id, client: call.visibleClient) else {
                    return Problem(.notFound, "There is no such message.").response(requestID: call.requestID)
                }
                return .json(MessageBody.bytes(record))
            }
        }
    }

    func listMessages(_ call: Call) -> Answer {
        list(call, .messages) { reader, list, filter in
            try reader.messagePage(filter, after: list.after?.seq, limit: list.limit)
        }
    }

    func listDeadLetters(_ call: Call) -> Answer {
        list(call, .deadLetters) { reader, list, filter in
            // One more than asked for is read: whether there is a next page.
            let records = try reader.deadLetters(filter, after: list.after?.seq, limit: list.limit + 1)
            let page = Array(records.prefix(list.limit))
            return MessagePage(records: page, next: records.count > list.limit ? page.last?.seq : nil)
        }
    }

    private func list(
        _ call: Call, _ kind: ListQuery.Kind,
        _ ask: @escaping @Sendable (MessageReader, ListQuery, MessageFilter) throws -> MessagePage
    ) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            let list = try ListQuery.parse(call.request.query, for: kind).unwrap()
            var visible = list.filter
            visible.client = call.visibleClient
            let filter = visible
            return reading(call) { reader in
                let page = try ask(reader, list, filter)
                return .json(
                    ListBody.bytes(page.records, next: page.next.map { Cursor(seq: $0) }) {
                        MessageBody.write($0, .summary, to: &$1)
                    })
            }
        }
    }

    func listEvents(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            let list = try ListQuery.parse(call.request.query, for: .plain).unwrap()
            let client = call.visibleClient
            return reading(call) { reader in
                let after = list.after?.seq ?? 0
                let page = try reader.eventPage(after: after, client: client, limit: list.limit)
                // The feed has no end: the cursor is always there, to ask again with.
                return .json(
                    ListBody.bytes(page.events, next: Cursor(seq: page.next)) { EventBody.write($0, .inFeed, to: &$1) })
            }
        }
    }

    func explainMessage(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            let id = try messageID(call)
            try refuseQuery(call)
            return reading(call) { reader in
                guard let decisions = try reader.decisions(of: id, client: call.visibleClient) else {
                    return Problem(.notFound, "There is no such message.").response(requestID: call.requestID)
                }
                return .json(ExplainBody.bytes(of: id, decisions))
            }
        }
    }

    func cancelMessage(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            let id = try messageID(call)
            try refuseQuery(call)
            _ = try RequestBody.nothing(in: try RequestBody.jsonOrNothing(of: call.request)).unwrap()
            return .later { [self] reply in
                services.once.submit("cancel", under: call.idempotency) { [reader = services.reader] session in
                    let result = try session.cancel(
                        id, client: call.visibleClient, reason: "canceled by \(call.caller.name)")
                    guard case .canceled = result else { return (result, answer: nil) }
                    let answer = try reader.message(id, within: session).map {
                        StoredAnswer(status: 200, location: nil, body: MessageBody.bytes($0))
                    }
                    return (result, answer)
                } then: { [self] result in
                    switch result {
                    case .success(.made(.canceled(let channel, let type, let count), let answer?)):
                        services.deliveryMetrics.entered(.canceled, channel, type, count: count)
                        reply.send(HTTPResponse(answer))
                    case .success(.made(.tooLate(let state), _)):
                        reply.send(Problem(.tooLate, "It is \(state.word): only what waits can be canceled."), call)
                    case .success(.made(.notFound, _)), .success(.made(.canceled, nil)):
                        reply.send(Problem(.notFound, "There is no such message."), call)
                    case .success(.replayed(let answer)): reply.send(HTTPResponse(answer, isReplay: true))
                    case .failure(let refusal): reply.send(refusal, call)
                    }
                }
            }
        }
    }

    func refuseQuery(_ call: Call) throws(Problem) {
        guard !call.request.query.isEmpty else { return }
        if let problem = QueryReader(call.request.query).finish() { throw problem }
    }
}
