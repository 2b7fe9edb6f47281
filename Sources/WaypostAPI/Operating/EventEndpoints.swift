import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostJSON
import WaypostStore

/// `/v1/endpoints`: who is told of events.
extension API {
    func listEndpoints(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            return reading(call) { [teller = services.teller] _ in
                let newest = try teller.newestEvent()
                return .json(
                    ListBody.bytes(teller.standings, next: nil) { EndpointBody.write($0, newest: newest, to: &$1) })
            }
        }
    }

    func enableEndpoint(_ call: Call) -> Answer {
        change(call, .endpointEnabled) { name, session, _ in try session.enableEndpoint(name) }
    }

    func disableEndpoint(_ call: Call) -> Answer {
        change(call, .endpointDisabled) { name, session, operation in
            _ = try session.disableEndpoint(name, because: operation.reason ?? "disabled by \(call.caller.name)")
        }
    }

    private func change(
        _ call: Call, _ action: AuditEntry.Action,
        _ body: @escaping @Sendable (String, WriteSession, EndpointOperation) throws -> Void
    ) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let name = call.parameters["name"] ?? ""
            let teller = services.teller
            guard let standing = teller.standings.first(where: { $0.name == name }) else {
                throw Problem(.notFound, "There is no event endpoint of that name; GET /v1/endpoints lists them.")
            }
            let operation = try EndpointOperation.decode(try RequestBody.jsonOrNothing(of: call.request)).unwrap()
            return .later { [self] reply in
                services.once.submit("endpoint", under: call.idempotency) {
                    session -> (KeptEndpoint?, answer: StoredAnswer?) in
                    try body(name, session, operation)
                    guard let kept = try session.endpoint(name) else { return (nil, nil) }
                    try session.audit(
                        AuditEntry(action, by: call.caller.name.text, target: name, reason: operation.reason ?? ""))
                    var json = JSONWriter(capacity: 512)
                    EndpointBody.write(standing.after(kept), newest: try session.newestEvent(), to: &json)
                    return (kept, StoredAnswer(status: 200, location: nil, body: json.bytes))
                } then: { result in
                    switch result {
                    case .success(.made(let kept?, let answer?)):
                        teller.refresh(kept)
                        reply.send(HTTPResponse(answer))
                    case .success(.made): reply.send(Problem(.notFound, "There is no such event endpoint."), call)
                    case .success(.replayed(let answer)): reply.send(HTTPResponse(answer, isReplay: true))
                    case .failure(let refusal): reply.send(refusal, call)
                    }
                }
            }
        }
    }
}

/// `POST /v1/endpoints/{name}/disable` and `/enable`.
package struct EndpointOperation: Equatable, Sendable {
    package var reason: String?

    package static func decode(_ body: JSONValue) -> Result<EndpointOperation, Problem> {
        FieldReader.read(body) { EndpointOperation(reason: $0.reason(isRequired: false)) }
    }
}

/// An endpoint as it is listed.
package enum EndpointBody {
    /// `newest`: the newest event's cursor.
    package static func write(_ endpoint: EndpointStanding, newest: Int64, to json: inout JSONWriter) {
        json.object { json in
            json.member("name", endpoint.name)
            json.member("url", endpoint.url)
            json.array("types") { json in for type in endpoint.types { json.element(type) } }
            json.member("enabled", endpoint.disabledAt == nil)
            json.member("lag", max(0, newest - endpoint.cursor))
            json.member("waiting", endpoint.waiting)
            json.member("failing_since", orNull: endpoint.failingSince)
            json.member("disabled_at", orNull: endpoint.disabledAt)
            json.member("reason", orNull: endpoint.reason)
            if let last = endpoint.last {
                json.object("last") { json in
                    json.member("at", plain: last.at.bytes)
                    json.member("result", last.complaint == nil ? "delivered" : "failed")
                    json.member("detail", orNull: last.complaint)
                }
            } else {
                json.null("last")
            }
        }
    }
}

extension EndpointStanding {
    /// As it is once that is committed.
    fileprivate func after(_ kept: KeptEndpoint) -> EndpointStanding {
        var standing = self
        standing.failingSince = kept.failingSince
        standing.disabledAt = kept.disabledAt
        standing.reason = kept.reason
        standing.waiting = kept.waiting
        return standing
    }
}
