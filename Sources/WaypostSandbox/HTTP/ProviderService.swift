import WaypostHTTP

/// Puts a stand-in, the faults and the journal together.
struct ProviderService: HTTPService {
    let standIn: any HTTPStandIn
    let faults: FaultBoard
    let journal: Journal
    /// Told what was taken, where the provider calls back.
    var callbacks: CallbackDesk?

    func begin(_ head: RequestHead, on connection: Int) -> Beginning {
        begin(head.method, head.path, at: Journal.Place(connection: connection))
    }

    /// As `begin(_:on:)`, for a request that may have a stream of its own.
    func begin(_ method: String, _ path: Substring, at place: Journal.Place) -> Beginning {
        let operation = standIn.operation(method, path)
        guard let active = faults.strike(Occasion(provider: standIn.provider, sends: operation.sends)) else {
            return .readOn(nil)
        }
        let ending: Ending
        switch active.fault.effect {
        case .hang(.before): ending = .hang
        case .reset(.before): ending = .reset
        case .closeMidBody: ending = .finish
        case .resetStream(.before): ending = .resetStream(HTTP2Code.internalError)
        case .refuseStream: ending = .resetStream(HTTP2Code.refusedStream)
        case .goAway(let reason): ending = .goAway(debug: reason.goAwayDebug, isLastDone: false)
        default: return .readOn(active)
        }
        _ = journal.record(
            .init(
                provider: standIn.provider, operation: operation.name, place: place, fault: active.id))
        return .stop(ending, after: active.fault.delay, midBody: ending != .hang)
    }

    func conclude(_ request: HTTPRequest, under active: ActiveFault?, on connection: Int) -> Conclusion {
        conclude(request, under: active, at: Journal.Place(connection: connection)) { operation, wall in
            standIn.verdict(on: request, asking: operation, at: wall)
        }
    }

    /// As `conclude(_:under:on:)`, with the verdict left to whoever knows the connection.
    func conclude(
        _ request: HTTPRequest, under active: ActiveFault?, at place: Journal.Place,
        by judge: (Operation, _ wall: Int64) -> Verdict
    ) -> Conclusion {
        let wall = WallClock.milliseconds
        let operation = standIn.operation(request.method, request.path)
        let verdict = judge(operation, wall)
        var (conclusion, isTaken) = Self.conclusion(
            of: verdict, on: operation, under: active?.fault, of: standIn)
        if isTaken, let resource = verdict.resource, let reference = verdict.reference {
            standIn.keep(resource, as: reference, at: wall)
        }
        if isTaken, let order = verdict.order { callbacks?.taken(order, at: wall) }
        if case .whole(var response) = conclusion.answer {
            standIn.finish(&response, at: wall)
            if case .status(let answer)? = active?.fault.effect { answer.decorate(&response, at: wall) }
            conclusion.answer = .whole(response)
        }
        conclusion.receipt = journal.record(
            .init(
                provider: standIn.provider, operation: operation.name, place: place, isTaken: isTaken,
                fault: active?.id, reference: isTaken ? verdict.reference : nil,
                answer: conclusion.pause == .zero ? conclusion.answer.status : nil, takes: verdict.takes))
        return conclusion
    }

    func answering(_ conclusion: Conclusion) {
        guard conclusion.pause > .zero, let receipt = conclusion.receipt, let status = conclusion.answer.status else {
            return  // it was entered with the request
        }
        journal.answer(status, to: receipt)
    }

    func couldNotAnswer(_ conclusion: Conclusion) {
        guard let receipt = conclusion.receipt, conclusion.answer.status != nil else { return }
        journal.answer(nil, to: receipt)
    }

    /// What the fault makes of the verdict, and whether the messages are taken.
    static func conclusion(
        of verdict: Verdict, on operation: Operation = Operation(name: "other"), under fault: Fault?,
        of standIn: any HTTPStandIn
    ) -> (Conclusion, isTaken: Bool) {
        var conclusion = Conclusion(answer: .whole(verdict.response), pause: fault?.delay ?? .zero)
        var isTaken = verdict.isAccepted
        switch fault?.effect {
        case nil, .delay, .refuse, .closeMidBody, .limitStreams: break
        case .status(let answer):
            conclusion.answer = .whole(standIn.failure(answer, to: operation))
            isTaken = false
        case .redirect(let location):
            let headers = HTTPHeaders(["Location": location ?? "/redirected"])
            conclusion.answer = .whole(HTTPResponse(status: 307, headers: headers))
            isTaken = false
        case .hang(let moment):
            conclusion.answer = .none
            conclusion.ending = .hang
            isTaken = isTaken && moment == .after
        case .reset(let moment):
            conclusion.answer = .none
            conclusion.ending = .reset
            isTaken = isTaken && moment == .after
        case .close(let moment):
            conclusion.answer = .none
            conclusion.ending = .close
            isTaken = isTaken && moment == .after
        case .garbage(let garbage):
            conclusion.answer = garbage.answer(insteadOf: verdict.response)
            conclusion.ending = garbage == .text ? .keep : .close
        case .closeIdle:
            conclusion.pause = .zero
            conclusion.ending = .closeIdle(after: fault?.delay ?? .zero)
        case .resetStream(let moment):
            conclusion.answer = .none
            conclusion.ending = .resetStream(HTTP2Code.internalError)
            isTaken = isTaken && moment == .after
        case .refuseStream, .goAway:  // struck at the head already
            conclusion.answer = .none
            conclusion.ending = .close
            isTaken = false
        case .shutdown:
            var answer = Fault.Answer(503)
            answer.error = standIn.provider == .apns ? "Shutdown" : nil
            conclusion.answer = .whole(standIn.failure(answer))
            conclusion.ending = .goAway(debug: "Shutdown".goAwayDebug, isLastDone: true)
            isTaken = false
        }
        return (conclusion, isTaken)
    }
}

extension Conclusion.Answer {
    /// What the journal says was answered; nil where no status line leaves.
    var status: Int? {
        switch self {
        case .none, .bytes: nil
        case .whole(let response), .truncated(let response): response.status
        }
    }
}

extension Fault.Garbage {
    fileprivate func answer(insteadOf response: HTTPResponse) -> Conclusion.Answer {
        let status = (200...299).contains(response.status) ? response.status : 200
        switch self {
        case .truncated:
            let headers = HTTPHeaders(["Content-Type": "application/json"])
            return .truncated(HTTPResponse(status: status, headers: headers, body: Array(#"{"MessageId":"0100"#.utf8)))
        case .text:
            let headers = HTTPHeaders(["Content-Type": "text/html"])
            return .whole(HTTPResponse(status: status, headers: headers, body: Array("<html>hello</html>".utf8)))
        case .bytes: return .bytes([0x16, 0x03, 0x01, 0x00, 0xFF, 0x0D, 0x0A, 0x0D, 0x0A])
        }
    }
}

extension Fault.Answer {
    /// Adds the header fields that the fault asks for, in place of those of the same name.
    fileprivate func decorate(_ response: inout HTTPResponse, at wall: Int64) {
        if let retryAfter { response.headers["Retry-After"] = String(retryAfter) }
        if let resetIn {
            response.headers["X-RateLimit-Remaining"] = "0"
            response.headers["X-RateLimit-Reset"] = String(wall / 1000 + Int64(resetIn))
        }
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { response.headers[name] = value }
    }
}

/// Error codes of RFC 9113 section 7.
enum HTTP2Code {
    static let internalError: UInt32 = 0x2
    static let refusedStream: UInt32 = 0x7
}

extension String {
    /// The debug data of GOAWAY as APNs writes it: the reason in JSON.
    fileprivate var goAwayDebug: String { #"{"reason":"\#(self)"}"# }
}
