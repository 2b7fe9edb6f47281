import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostServer
import WaypostStore

/// `POST /v1/emergency/clear-queue`: what waits is given up, and can be replayed.
extension API {
    /// Messages of one transaction.
    private static let portion = 500

    /// Ends what is queued as dead letters, a portion at a time, so that nothing else waits long for the store.
    func clearQueue(_ order: EmergencyOrder, _ call: Call) -> Answer {
        let before = radius(of: .clearQueue, order)
        if order.isDryRun {
            return .now(.json(EmergencyAnswer(.clearQueue, order, touched: before).bytes))
        }
        let by = call.caller.name.text
        return reading(call) { [self] _ in
            let messages = try services.operations.reader.queuedMessages(on: order.channel)
            let transactions = max(1, (messages.count + Self.portion - 1) / Self.portion)
            var cleared = (messages: 0, deliveries: 0)
            let outcome: OnceOnly.Outcome<[Moved]>
            do throws(IntakeRefusal) {
                outcome = try services.once.perform("clear", under: call.idempotency, transactions: transactions) {
                    session, number, done in
                    let slice = messages.dropFirst(number * Self.portion).prefix(Self.portion)
                    let cleared = try session.clear(slice, because: order.reason)
                    try session.audit(
                        AuditEntry(
                            .queueCleared, by: by, target: order.channel?.rawValue ?? Override.everything,
                            reason: order.reason,
                            data: AuditData.of(
                                ("messages", .integer(Int64(cleared.messages.count))),
                                ("deliveries", .integer(Int64(cleared.deliveries))),
                                ("portion", .integer(Int64(number + 1))), ("of", .integer(Int64(transactions))))))
                    guard number == transactions - 1 else { return (cleared, nil) }
                    var touched = before
                    touched.moved = done.reduce(cleared.deliveries) { $0 + $1.deliveries }
                    let answer = EmergencyAnswer(.clearQueue, order, touched: touched)
                    return (cleared, StoredAnswer(status: 200, location: nil, body: answer.bytes))
                } committed: { portion in
                    cleared.messages += portion.messages.count
                    cleared.deliveries += portion.deliveries
                    tell(portion)
                }
            } catch {
                services.dispatcher.lookAgain()
                let done =
                    "\(cleared.deliveries) deliveries of \(cleared.messages) messages were cleared and are dead letters"
                return error.problem(at: call.now, halfway: cleared.messages > 0 ? done : nil)
                    .response(requestID: call.requestID)
            }
            switch outcome {
            case .replayed(let answer): return HTTPResponse(answer, isReplay: true)
            case .made(_, let answer):
                note(.clearQueue, order, call)
                guard let answer else { return .json(EmergencyAnswer(.clearQueue, order, touched: before).bytes) }
                return HTTPResponse(answer)
            }
        }
    }

    private func tell(_ cleared: Moved) {
        services.dispatcher.drop(cleared.parcels)
        for (channel, types) in cleared.tally {
            for (type, count) in types { services.deliveryMetrics.entered(.dead, channel, type, count: count) }
        }
        for message in cleared.messages { services.waiters.tell(message) }
    }
}
