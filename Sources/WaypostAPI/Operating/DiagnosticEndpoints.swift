import WaypostCore
import WaypostHTTP
import WaypostJSON
import WaypostStore

/// Where a diagnosis is asked for; who makes it is the program around the API.
package struct DiagnosticDesk: Sendable {
    /// Begins a diagnosis, named by who asked, and hands over the report in JSON once it is kept; false when one is under
    /// way, and then nothing follows. It takes seconds, on threads of its own.
    package var begin: @Sendable (_ by: String, _ then: @escaping @Sendable ([UInt8]) -> Void) -> Bool

    package init(
        begin: @escaping @Sendable (_ by: String, _ then: @escaping @Sendable ([UInt8]) -> Void) -> Bool
    ) {
        self.begin = begin
    }
}

/// `/v1/diagnostics`: looking at everything at once.
extension API {
    func diagnose(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            try RequestBody.nothing(in: try RequestBody.jsonOrNothing(of: call.request)).unwrap()
            return .later { [self] reply in
                let hasBegun = services.diagnostics.begin(call.caller.name.text) { reply.send(.json($0)) }
                if !hasBegun {
                    reply.send(
                        Problem(
                            .diagnosticsRunning, "Another diagnosis is under way; it ends within 20 seconds.",
                            retryAfter: .seconds(5)), call)
                }
            }
        }
    }

    func listDiagnostics(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            return reading(call) { reader in
                let reports = try reader.diagnostics()
                return .json(ListBody.bytes(reports, next: nil) { report, json in json.raw(report) })
            }
        }
    }
}
