import WaypostJSON

extension Fault {
    /// The words of `kind`; `hang`, `reset`, `close` and `reset_stream` alone mean before.
    private static let kinds = [
        "status", "delay", "hang_before", "hang_after", "reset_before", "reset_after", "close_before", "close_after",
        "close_mid_body", "refuse", "garbage", "redirect", "close_idle", "hang", "reset", "close",
        "reset_stream", "reset_stream_before", "reset_stream_after", "refuse_stream", "goaway", "limit_streams",
        "shutdown",
    ]

    /// Reads the body of `POST /faults`; every complaint at once.
    package init(reading json: JSONValue) throws(FaultProblem) {
        var shape = Shape()
        let allowed = [
            "provider", "kind", "delay_ms", "only", "stage", "after", "count", "for_ms", "share", "seed", "status",
            "error", "body", "headers", "retry_after_s", "reset_in_s", "shape", "location",
            "streams",
        ]
        guard shape.object(json, "the fault", allowed: allowed) != nil else { throw FaultProblem(shape.complaints) }
        let provider = shape.choice(json["provider"], "provider", of: StandIn.self, required: true)
        let kind = shape.string(json["kind"], "kind", required: true)
        let effect = kind.flatMap { Self.effect($0, json, &shape) }
        var fault = Fault(provider ?? .sendgrid, effect ?? .delay)
        fault.delay = shape.integer(json["delay_ms"], "delay_ms").map { .milliseconds($0) } ?? .zero
        fault.only = shape.choice(json["only"], "only", of: Only.self) ?? .all
        fault.stage = shape.choice(json["stage"], "stage", of: Stage.self) ?? .dot
        fault.after = shape.integer(json["after"], "after").map { Int(clamping: $0) } ?? 0
        fault.count = shape.integer(json["count"], "count").map { Int(clamping: $0) }
        fault.span = shape.integer(json["for_ms"], "for_ms").map { .milliseconds($0) }
        fault.share = shape.number(json["share"], "share") ?? 1
        fault.seed = shape.integer(json["seed"], "seed").map { UInt64(bitPattern: $0) } ?? 1
        if provider?.speaksHTTP == true, json["stage"] != nil { shape.complain("stage", "is for smtp alone") }
        if provider?.speaksHTTP == false, json["only"] != nil { shape.complain("only", "is for HTTP; use stage") }
        guard shape.complaints.isEmpty else { throw FaultProblem(shape.complaints) }
        if let problem = fault.problem { throw FaultProblem([problem]) }
        self = fault
    }

    private static func effect(_ kind: String, _ json: JSONValue, _ shape: inout Shape) -> Effect? {
        let answerKeys = ["status", "error", "body", "headers", "retry_after_s", "reset_in_s"]
        for key in answerKeys where kind != "status" && json[key] != nil {
            if key != "error" || kind != "goaway" { shape.complain(key, "is for status alone") }
        }
        if kind != "limit_streams", json["streams"] != nil { shape.complain("streams", "is for limit_streams alone") }
        if kind != "garbage", json["shape"] != nil { shape.complain("shape", "is for garbage alone") }
        if kind != "redirect", json["location"] != nil { shape.complain("location", "is for redirect alone") }
        switch kind {
        case "status": return answer(json, &shape).map(Effect.status)
        case "delay": return .delay
        case "hang", "hang_before": return .hang(.before)
        case "hang_after": return .hang(.after)
        case "reset", "reset_before": return .reset(.before)
        case "reset_after": return .reset(.after)
        case "close", "close_before": return .close(.before)
        case "close_after": return .close(.after)
        case "close_mid_body": return .closeMidBody
        case "refuse": return .refuse
        case "garbage": return .garbage(shape.choice(json["shape"], "shape", of: Garbage.self) ?? .truncated)
        case "redirect": return .redirect(to: shape.string(json["location"], "location"))
        case "close_idle": return .closeIdle
        case "reset_stream", "reset_stream_before": return .resetStream(.before)
        case "reset_stream_after": return .resetStream(.after)
        case "refuse_stream": return .refuseStream
        case "goaway": return .goAway(reason: shape.string(json["error"], "error") ?? "Shutdown")
        case "limit_streams":
            return .limitStreams(Int(clamping: shape.integer(json["streams"], "streams") ?? 1))
        case "shutdown": return .shutdown
        default:
            shape.complain("kind", "must be one of \(kinds.joined(separator: ", "))")
            return nil
        }
    }

    private static func answer(_ json: JSONValue, _ shape: inout Shape) -> Answer? {
        guard let status = shape.integer(json["status"], "status", required: true) else { return nil }
        var answer = Answer(Int(clamping: status))
        answer.error = shape.string(json["error"], "error")
        switch json["body"] {
        case nil: break
        case .string(let text): answer.body = text
        case .some(let value): answer.body = String(decoding: value.bytes, as: UTF8.self)
        }
        for member in shape.object(json["headers"], "headers", allowed: nil, required: false) ?? [] {
            answer.headers[member.name] = shape.string(member.value, "headers.\(member.name)")
        }
        answer.retryAfter = shape.integer(json["retry_after_s"], "retry_after_s").map { Int(clamping: $0) }
        answer.resetIn = shape.integer(json["reset_in_s"], "reset_in_s").map { Int(clamping: $0) }
        return answer
    }
}

extension Fault {
    /// The word of `kind`.
    package var kind: String {
        switch effect {
        case .status: "status"
        case .delay: "delay"
        case .hang(let moment): "hang_\(moment.rawValue)"
        case .reset(let moment): "reset_\(moment.rawValue)"
        case .close(let moment): "close_\(moment.rawValue)"
        case .closeMidBody: "close_mid_body"
        case .refuse: "refuse"
        case .garbage: "garbage"
        case .redirect: "redirect"
        case .closeIdle: "close_idle"
        case .resetStream(let moment): "reset_stream_\(moment.rawValue)"
        case .refuseStream: "refuse_stream"
        case .goAway: "goaway"
        case .limitStreams: "limit_streams"
        case .shutdown: "shutdown"
        }
    }
}
