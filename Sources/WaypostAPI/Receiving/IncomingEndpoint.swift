import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostServer

/// `POST /webhooks/incoming/{name}`: callbacks of others, verified and passed on as `webhook.received`.
extension API {
    func receiveIncoming(_ call: Call) -> Answer {
        let name = call.parameters["name"] ?? ""
        guard let sender = services.steering.current.callbacks.senders[name] else {
            return .problem(Problem(.notFound, "No sender of that name is configured."), call)
        }
        let began = services.time.now
        let label = "incoming/\(name)"
        guard case .genuine = sender.verdict(on: call.request, at: call.now) else {
            return refuse(label, "its signature does not hold", since: began, call)
        }
        guard let event = sender.event(in: call.request) else {
            return .problem(Problem(.malformed, "The body must be an object in JSON, and the event have an id."), call)
        }
        return .later { [self] reply in
            services.commits.submit("receipt", .refuse) { session in
                try session.passOn(event.id, from: label, type: event.type, data: event.data(from: name))
            } then: { [self] result in
                switch result {
                case .success(let isNew):
                    services.deliveryMetrics.callbacks.count(1, isNew ? .accepted : .duplicate, from: label)
                    services.deliveryMetrics.callbacks.took(services.time.now - began, "received", from: label)
                    reply.send(.json(Array("{\"received\":true}".utf8)))
                case .failure:
                    reply.send(
                        Problem(.storeUnavailable, "Nothing can be kept just now.", retryAfter: .seconds(1)), call)
                }
            }
        }
    }
}
