import WaypostCore
import WaypostHTTP
import WaypostJSON
import WaypostStore

/// The configuration in force, and reading it anew.
extension API {
    func readConfiguration(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let entry = AuditEntry(.configurationRead, by: call.caller.name.text)
            return .later { [operations = services.operations] reply in
                // Also where the trail cannot be kept: it is read when things are broken.
                operations.audit(entry) { reply.send(.json(operations.configuration())) }
            }
        }
    }

    func reload(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            try RequestBody.nothing(in: try RequestBody.jsonOrNothing(of: call.request)).unwrap()
            return .later { [self] reply in
                let isTaken = services.readers.run { [self] in reply.send(reloaded(call)) }
                if !isTaken {
                    reply.send(Problem(.internalError, "Too much waits already.", retryAfter: .seconds(1)), call)
                }
            }
        }
    }

    private func reloaded(_ call: Call) -> HTTPResponse {
        let problems = services.operations.reload(by: call.caller.name.text)
        guard problems.isEmpty else {
            let findings = problems.map { Problem.Finding("", $0) }
            return Problem(.invalid, "The configuration was not applied: \(problems[0])", errors: findings)
                .response(requestID: call.requestID)
        }
        var json = JSONWriter()
        json.object { $0.member("version", services.steering.current.version) }
        return .json(json.bytes)
    }
}
