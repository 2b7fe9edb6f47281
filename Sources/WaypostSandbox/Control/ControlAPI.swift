import WaypostHTTP
import WaypostJSON

/// The sandbox's own HTTP API: faults in, journal out. It asks for no credentials and belongs on loopback.
struct ControlAPI: HTTPService {
    let faults: FaultBoard
    let journal: Journal
    let callbacks: CallbackDesk
    let authority: String?
    /// Set once the ports are known.
    var push: PushCredentials?

    /// What a client of the stand-ins for push needs to be let in.
    struct PushCredentials: Sendable {
        let serviceAccount: String
        let apnsKey: String
        let accessTokens: AccessTokens
    }

    func conclude(_ request: HTTPRequest, under fault: ActiveFault?, on connection: Int) -> Conclusion {
        let response: HTTPResponse
        do throws(ControlProblem) { response = try answer(request) } catch { response = error.response }
        return Conclusion(answer: .whole(response))
    }

    private func answer(_ request: HTTPRequest) throws(ControlProblem) -> HTTPResponse {
        let query = try ControlQuery(request.query)
        switch (request.method, request.path) {
        case ("GET", "/healthz"): return .json(200, Array(#"{"status":"ok"}"#.utf8))
        case ("GET", "/"):
            try query.allow([])
            return summary()
        case ("GET", "/ca.pem"):
            guard let authority else { throw ControlProblem(404, "the certificate was given as a file") }
            return HTTPResponse(
                status: 200, headers: HTTPHeaders(["Content-Type": "application/x-pem-file"]),
                body: Array(authority.utf8))
        case ("GET", "/service-account.json"):
            return .json(200, Array((push?.serviceAccount ?? "{}").utf8))
        case ("GET", "/apns-key.p8"):
            return HTTPResponse(
                status: 200, headers: HTTPHeaders(["Content-Type": "application/x-pem-file"]),
                body: Array((push?.apnsKey ?? "").utf8))
        case ("DELETE", "/access-tokens"):
            try query.allow([])
            let count = push?.accessTokens.revoke() ?? 0
            return .json(200, JSONValue(dictionaryLiteral: ("revoked", .integer(Int64(count)))).bytes)
        case ("GET", "/faults"):
            try query.allow([])
            var json = JSONWriter()
            json.object { writeFaults(&$0) }
            return .json(200, json.bytes)
        case ("POST", "/faults"): return try setFault(request.body)
        case ("DELETE", "/faults"):
            try query.allow(["provider", "id"])
            let count = faults.clear(provider: try query.provider(), id: try query.number("id", 1...Int.max))
            return .json(200, JSONValue(dictionaryLiteral: ("lifted", .integer(Int64(count)))).bytes)
        case ("GET", "/journal"):
            try query.allow(["provider", "after", "limit"])
            return entries(
                try query.provider(), after: try query.number("after", 0...Int.max) ?? 0,
                limit: try query.number("limit", 1...10_000) ?? 1_000)
        case ("DELETE", "/journal"):
            try query.allow([])
            journal.clear()
            return HTTPResponse(status: 204)
        case ("GET", "/journal/summary"):
            try query.allow([])
            var json = JSONWriter()
            journal.summary.write(to: &json)
            return .json(200, json.bytes)
        default:
            if let response = try answerOnCallbacks(request, query) { return response }
            let paths = [
                "/", "/healthz", "/ca.pem", "/service-account.json", "/apns-key.p8", "/faults", "/journal",
                "/journal/summary", "/callbacks", "/outcomes",
            ]
            let others = ["/access-tokens", "/inbound", "/subscription"]
            let isKnown = (paths + others).contains(String(request.path))
            throw ControlProblem(
                isKnown ? 405 : 404,
                "there is GET on \(paths.joined(separator: ", ")), POST on /faults, /callbacks, /outcomes, /inbound, "
                    + "/subscription, and DELETE on /faults, /journal, /callbacks, /outcomes, /access-tokens")
        }
    }

    private func setFault(_ body: [UInt8]) throws(ControlProblem) -> HTTPResponse {
        let json: JSONValue
        do throws(JSONError) { json = try JSONValue(parsing: body) } catch {
            throw ControlProblem(400, "not JSON at byte \(error.offset): \(error.complaint)")
        }
        do throws(FaultProblem) {
            let id = try faults.set(try Fault(reading: json))
            return .json(201, JSONValue(dictionaryLiteral: ("id", .integer(Int64(id)))).bytes)
        } catch {
            throw ControlProblem(400, error.description)
        }
    }

    private func entries(_ provider: StandIn?, after: Int, limit: Int) -> HTTPResponse {
        let found = journal.entries(of: provider, after: after, limit: limit)
        var json = JSONWriter(capacity: 256 + found.count * 300)
        json.object { json in
            json.array("entries") { json in for entry in found { entry.write(to: &json) } }
            json.member("next_after", found.last?.sequence ?? after)
        }
        return .json(200, json.bytes)
    }

    private func summary() -> HTTPResponse {
        var json = JSONWriter()
        json.object { json in
            writeFaults(&json)
            var journal = JSONWriter()
            self.journal.summary.write(to: &journal)
            json.member("journal", raw: journal.bytes)
            json.name("callbacks")
            writeCounts(&json)
        }
        return .json(200, json.bytes)
    }

    private func writeFaults(_ json: inout JSONWriter) {
        let now = ContinuousClock.now
        json.array("faults") { json in
            for rule in faults.current() {
                json.object { json in
                    json.member("id", rule.id)
                    json.member("provider", rule.fault.provider.rawValue)
                    json.member("kind", rule.fault.kind)
                    json.member("strikes", rule.strikes)
                    if let count = rule.fault.count { json.member("left", count - rule.strikes) }
                    if let span = rule.fault.span {
                        json.member("left_ms", max(0, (span - (now - rule.setAt)).wholeMilliseconds))
                    }
                }
            }
        }
    }
}

/// What is wrong with a control request, for people.
struct ControlProblem: Error {
    let status: Int
    let complaint: String

    init(_ status: Int, _ complaint: String) {
        self.status = status
        self.complaint = complaint
    }

    var response: HTTPResponse {
        .json(status, JSONValue(dictionaryLiteral: ("error", .string(complaint))).bytes)
    }
}

/// A query string of plain words and numbers.
struct ControlQuery {
    private var values: [String: String] = [:]

    init(_ query: Substring) throws(ControlProblem) {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? String(parts[1]) : ""
            guard values.updateValue(value, forKey: String(parts[0])) == nil else {
                throw ControlProblem(400, "\(parts[0]) stands twice in the query")
            }
        }
    }

    func allow(_ names: [String]) throws(ControlProblem) {
        if let name = values.keys.first(where: { !names.contains($0) }) {
            throw ControlProblem(400, "\(name) is no parameter here")
        }
    }

    func provider() throws(ControlProblem) -> StandIn? {
        guard let text = values["provider"] else { return nil }
        if let provider = StandIn(rawValue: text) { return provider }
        throw ControlProblem(400, "provider must be one of \(StandIn.allCases.map(\.rawValue).joined(separator: ", "))")
    }

    func number(_ name: String, _ range: ClosedRange<Int>) throws(ControlProblem) -> Int? {
        guard let text = values[name] else { return nil }
        if let number = Int(text), range.contains(number) { return number }
        throw ControlProblem(400, "\(name) must be a number, \(range.lowerBound) to \(range.upperBound)")
    }
}
