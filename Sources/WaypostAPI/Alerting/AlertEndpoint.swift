import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostJSON

/// `POST /v1/alerts`: a receiver for Alertmanager's webhooks, a message to each `to` of the query.
extension API {
    func sendAlerts(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            let order = try AlertOrder.read(call.request.query).unwrap()
            let notification = try AlertNotification.decode(try RequestBody.json(of: call.request)).unwrap()
            let call = call.keyed(orElse: order.key(of: notification, at: call.now))
            try acceptsSends()
            let body = order.batch(AlertText(notification, listing: order.count))
            let drafts = try SendBatch.decode(body, templates: services.steering.current.templates, at: call.now)
                .unwrap()
            return lookingUp(for: drafts, call) { place in
                "/recipients/\(place)/to/user"
            } then: { [self] drafts in
                let candidates = drafts.enumerated().map { place, draft in
                    draft.map { draft in
                        let places = RecipientPlaces(
                            recipient: body["recipients"]?[place], at: "/recipients/\(place)", of: body)
                        return candidate(draft, .inBatch(place, ofMessages: false), places, call)
                    }
                }
                return admitting(candidates, isDryRun: false, call) { [self] admitted in
                    // A notification that reaches nobody must not look taken in Alertmanager's log.
                    if case .failure(let problem)? = admitted.first, admitted.allSatisfy(\.isFailure) {
                        return .problem(problem, call)
                    }
                    return keep(batch: admitted, call)
                }
            }
        }
    }
}

/// What the query of `POST /v1/alerts` asks for.
package struct AlertOrder: Equatable, Sendable {
    package var channel: Channel
    /// Addresses or numbers; for push, users.
    package var to: [String]
    /// A template of ours in place of the usual text.
    package var template: String?
    /// Alerts that are listed.
    package var count: Int

    /// Recipients that one receiver may name; more of them are a group at the provider.
    package static let recipients = 1...20

    package static func read(_ text: Substring) -> Result<AlertOrder, Problem> {
        var query = QueryReader(text, repeatable: ["to"])
        let channel = query.word("channel", as: Channel.self)
        if channel == .realtime { query.complain("channel", "must be one that reaches people who are not looking") }
        let to = query.takeAll("to")
        let template = query.line("template", bytes: 1...64)
        let count = query.integer("limit", in: AlertText.counts) ?? 5
        if channel == nil, query.findings.isEmpty { query.complain("channel", "is required") }
        if !recipients.contains(to.count) {
            query.complain("to", "must stand \(recipients.lowerBound) to \(recipients.upperBound) times")
        }
        if let problem = query.finish() { return .failure(problem) }
        guard let channel else { return .failure(Problem(.invalid, "?channel is required.")) }
        return .success(AlertOrder(channel: channel, to: to, template: template, count: count))
    }

    /// As `POST /v1/messages/batch` takes it.
    package func batch(_ text: AlertText) -> JSONValue {
        let recipients = to.map { address -> JSONValue in
            ["to": channel == .push ? ["user": .string(address)] : .string(address)]
        }
        let words: JSONValue.Member
        if let template {
            words = .init("template", ["id": .string(template), "variables": .object(text.variables)])
        } else {
            words = .init("content", text.content(for: channel))
        }
        return .object([
            .init("channel", .string(channel.rawValue)), .init("type", "notification"), .init("priority", "urgent"),
            .init("tags", ["alert"]), words, .init("recipients", .array(recipients)),
        ])
    }

    /// How long the same notification is taken once: Alertmanager's default `group_interval`. It repeats what it got no
    /// answer to within seconds, and two of one cluster may both tell; what it reminds of after `repeat_interval` is new.
    static let memory: Int64 = 5 * 60 * 1000

    /// The idempotency key of that notification for these recipients.
    package func key(of notification: AlertNotification, at now: Timestamp) -> String {
        let slot = now.milliseconds / Self.memory
        return ([channel.rawValue, template ?? "", "\(slot)"] + to + ["", notification.identity]).joined(
            separator: "\n")
    }
}

extension Result {
    fileprivate var isFailure: Bool { if case .failure = self { true } else { false } }
}
