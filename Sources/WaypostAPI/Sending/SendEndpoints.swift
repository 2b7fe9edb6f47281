import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostJSON
import WaypostPolicy
import WaypostServer
import WaypostStore

/// `POST /v1/messages`, `/v1/messages/batch` and `/v1/messages/{id}/resend`.
extension API {
    func send(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            let isDryRun = try dryRun(call)
            let body = try RequestBody.json(of: call.request)
            let draft = try SendMessage.decode(body, templates: services.steering.current.templates, at: call.now)
                .unwrap()
            guard needsLookUp(draft) else { return try take(draft, isDryRun: isDryRun, call) }
            return lookingUp(for: [.success(draft)], call) { _ in
                "/to/user"
            } then: { [self] found in
                switch found[0] {
                case .success(let draft):
                    answering(call) { () throws(Problem) in try take(draft, isDryRun: isDryRun, call) }
                case .failure(let problem) where isDryRun: .problem(problem, call)
                case .failure(let problem): replay(call, orElse: problem.response(requestID: call.requestID))
                }
            }
        }
    }

    private func take(_ asked: Draft, isDryRun: Bool, _ call: Call) throws(Problem) -> Answer {
        let draft: Draft
        switch screened(asked, MessagePlace(), call) {
        case .success(let good): draft = good
        case .failure(let problem) where isDryRun: throw problem
        case .failure(let problem): return replay(call, orElse: problem.response(requestID: call.requestID))
        }
        let message = self.message(draft, call)
        if isDryRun { return .now(try rehearse(message, draft, call)) }
        try acceptsSends()
        return keep(message, draft, call)
    }

    /// 202 once it is on disk; with `Prefer: wait` when its first attempt is over, if that comes first.
    private func keep(_ message: Message, _ draft: Draft, _ call: Call) -> Answer {
        switch services.intake.prepare(submission(message, draft)) {
        case .failure(let refusal):
            return replay(call, orElse: refusal.problem(at: call.now).response(requestID: call.requestID))
        case .success(let prepared):
            let patience = WaitPreference.of(call.request.headers)
            return .later { [self] reply in
                services.intake.keep([prepared], idempotency: call.idempotency) { kept in
                    Self.acceptance(of: message, kept[0])
                } then: { [self] result in
                    switch result {
                    case .success(.kept(let answer, let kept)):
                        if let patience, kept[0].states.contains(where: { $0 == .sending || $0 == .queued }) {
                            hold(reply, call, message.id, atMost: patience, otherwise: HTTPResponse(answer))
                        } else {
                            reply.send(HTTPResponse(answer))
                        }
                    case .success(.replayed(let answer)): reply.send(HTTPResponse(answer, isReplay: true))
                    case .failure(let refusal): reply.send(refusal, call)
                    }
                }
            }
        }
    }

    func sendBatch(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            let isDryRun = try dryRun(call)
            let body = try RequestBody.json(of: call.request)
            let drafts = try SendBatch.decode(body, templates: services.steering.current.templates, at: call.now)
                .unwrap()
            if !isDryRun { try acceptsSends() }
            let ofMessages = body["messages"] != nil
            let list = ofMessages ? "messages" : "recipients"
            return lookingUp(for: drafts, call) { place in
                "/\(list)/\(place)/to/user"
            } then: { [self] found in
                let drafts = found.enumerated().map { place, draft in
                    draft.flatMap { screened($0, .inBatch(place, ofMessages: ofMessages), call) }
                }
                return isDryRun ? .now(rehearse(drafts, call)) : keep(drafts, call)
            }
        }
    }

    /// One transaction for all that can be kept; what cannot is a problem of its own.
    private func keep(_ drafts: [Result<Draft, Problem>], _ call: Call) -> Answer {
        var prepared: [Intake.Prepared] = []
        var problems: [Problem?] = []
        for draft in drafts {
            switch draft {
            case .failure(let problem): problems.append(problem)
            case .success(let draft):
                switch services.intake.prepare(submission(message(draft, call), draft)) {
                case .success(let one):
                    prepared.append(one)
                    problems.append(nil)
                case .failure(let refusal): problems.append(refusal.problem(at: call.now))
                }
            }
        }
        // With nothing to keep there is nothing that a second try could double; it may fare better then.
        guard !prepared.isEmpty else {
            let response = Self.batchResponse(problems, [], [], call.requestID)
            return replay(call, orElse: response)
        }
        let kept = prepared
        return .later { [self, problems] reply in
            services.intake.keep(kept, idempotency: call.idempotency) { states in
                let response = Self.batchResponse(problems, kept.map(\.message), states, call.requestID)
                return StoredAnswer(status: response.status, location: nil, body: response.body)
            } then: { result in
                switch result {
                case .success(.kept(let answer, _)): reply.send(HTTPResponse(answer))
                case .success(.replayed(let answer)): reply.send(HTTPResponse(answer, isReplay: true))
                case .failure(let refusal): reply.send(refusal, call)
                }
            }
        }
    }

    /// A new message that says and goes to the same, and names the old one.
    func resendMessage(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            let id = try messageID(call)
            try refuseQuery(call)
            _ = try RequestBody.nothing(in: try RequestBody.jsonOrNothing(of: call.request)).unwrap()
            try acceptsSends()
            return .later { [self] reply in
                let isTaken = services.readers.run { [self] in
                    let found = Result { try services.reader.message(id, client: call.visibleClient) }
                    guard case .success(let record) = found else {
                        return reply.send(
                            Problem(.storeUnavailable, "The store cannot be read now.", retryAfter: .seconds(1)), call)
                    }
                    guard let record else {
                        return replay(call, reply, orElse: Problem(.notFound, "There is no such message."))
                    }
                    guard record.isContentRetained else {
                        let problem = Problem(.tooLate, "The content of this message is not kept any more.")
                        return replay(call, reply, orElse: problem)
                    }
                    resend(record.message, call, reply)
                }
                if !isTaken {
                    reply.send(
                        Problem(.storeUnavailable, "Too many readers wait already.", retryAfter: .seconds(1)), call)
                }
            }
        }
    }

    private func resend(_ old: Message, _ call: Call, _ reply: Reply) {
        var message = old
        message.id = MessageID(at: call.now)
        message.client = call.caller.name
        message.createdAt = call.now
        message.sendAt = nil
        message.expiresAt = call.now + (old.expiresAt - max(old.createdAt, old.sendAt ?? old.createdAt))
        message.traceparent = Traceparent.taking(up: call.request.headers["traceparent"]).description
        message.resendOf = old.id
        do { message.zones = try zones(of: message) } catch {
            return reply.send(
                Problem(.storeUnavailable, "The store cannot be read now.", retryAfter: .seconds(1)), call)
        }
        let deliveries = message.content.deliveries
        let submission = Submission(
            message: message, deliveries: deliveries,
            normalAddresses: deliveries.map { NormalizedAddress.of($0.address, on: message.channel) })
        switch services.intake.prepare(submission) {
        case .failure(let refusal): replay(call, reply, orElse: refusal.problem(at: call.now))
        case .success(let prepared):
            let message = message
            services.intake.keep([prepared], idempotency: call.idempotency) {
                Self.acceptance(of: message, $0[0])
            } then: { result in
                switch result {
                case .success(.kept(let answer, _)): reply.send(HTTPResponse(answer))
                case .success(.replayed(let answer)): reply.send(HTTPResponse(answer, isReplay: true))
                case .failure(let refusal): reply.send(refusal, call)
                }
            }
        }
    }

    /// Holds the answer until the message's first attempt is over; over the bound of callers that may do so, not at all.
    private func hold(
        _ reply: Reply, _ call: Call, _ id: MessageID, atMost patience: Duration, otherwise: HTTPResponse
    ) {
        guard waitingCallers.wrappingAdd(1, ordering: .relaxed).newValue <= services.maxWaiting else {
            waitingCallers.wrappingSubtract(1, ordering: .relaxed)
            return reply.send(otherwise)
        }
        services.waiters.wait(for: id) { [self] in
            waitingCallers.wrappingSubtract(1, ordering: .relaxed)
            let isTaken = services.readers.run { [self] in
                guard let record = try? services.reader.message(id, client: nil) else { return reply.send(otherwise) }
                reply.send(.json(MessageBody.bytes(record)))
            }
            if !isTaken { reply.send(otherwise) }
        }
        services.deadlines.after(patience) { [self] in
            guard services.waiters.forget(id) else { return }
            waitingCallers.wrappingSubtract(1, ordering: .relaxed)
            reply.send(otherwise)
        }
    }

    // MARK: Dry runs

    /// Everything is checked and routed; nothing is kept, sent or charged.
    private func rehearse(_ message: Message, _ draft: Draft, _ call: Call) throws(Problem) -> HTTPResponse {
        switch services.intake.prepare(submission(message, draft)) {
        case .failure(let refusal): throw refusal.problem(at: call.now)
        case .success(let prepared):
            services.intake.letGo(prepared)
            var json = JSONWriter()
            json.object { Self.write(prepared, to: &$0) }
            return .json(json.bytes)
        }
    }

    private func rehearse(_ drafts: [Result<Draft, Problem>], _ call: Call) -> HTTPResponse {
        var accepted = 0
        var prepared: [Intake.Prepared] = []
        var json = JSONWriter()
        json.object { json in
            json.array("results") { json in
                for draft in drafts {
                    let outcome = draft.flatMap { draft in
                        services.intake.prepare(submission(message(draft, call), draft)).mapError {
                            $0.problem(at: call.now)
                        }
                    }
                    json.object { json in
                        switch outcome {
                        case .success(let one):
                            prepared.append(one)
                            accepted += 1
                            Self.write(one, to: &json)
                        case .failure(let problem):
                            json.member("error", raw: problem.body(requestID: call.requestID))
                        }
                    }
                }
            }
            json.member("accepted", accepted)
            json.member("rejected", drafts.count - accepted)
        }
        // Let go only now, so that messages of one batch count against each other's limits.
        prepared.forEach(services.intake.letGo)
        return .json(json.bytes)
    }

    private static func write(_ prepared: Intake.Prepared, to json: inout JSONWriter) {
        json.member("dry_run", true)
        json.member("status", prepared.isScheduled ? "scheduled" : "queued")
        json.member("status_reason", ifPresent: prepared.heldBecause)
        json.member("channel", prepared.message.channel.rawValue)
        json.member("deliveries", prepared.deliveries)
        SegmentBody.write(prepared.message.content, to: &json)
        if let decision = prepared.decision { json.member("decision", raw: decision.json.utf8) }
    }

    // MARK: Parts

    private func dryRun(_ call: Call) throws(Problem) -> Bool {
        guard !call.request.query.isEmpty else { return false }
        var query = QueryReader(call.request.query)
        let isDryRun = query.flag("dry_run")
        if let problem = query.finish() { throw problem }
        return isDryRun
    }

    func acceptsSends() throws(Problem) {
        if let obstacle = services.health.obstacleToSends { throw obstacle }
    }

    func message(_ draft: Draft, _ call: Call) -> Message {
        let lifetimes = services.steering.current.settings.defaultTTL
        return draft.message(
            id: MessageID(at: call.now), client: call.caller.name, createdAt: call.now,
            defaultTTL: lifetimes[draft.type] ?? .seconds(86_400),
            traceparent: Traceparent.taking(up: call.request.headers["traceparent"]).description)
    }

    /// As `policy.pii` has it; why not where it refuses.
    private func screened(_ draft: Draft, _ place: MessagePlace, _ call: Call) -> Result<Draft, Problem> {
        draft.screened(by: services.steering.current.policy.pii, at: place).mapError { problem in
            refused(draft, for: problem, submission(message(draft, call), draft), call)
        }
    }

    private func submission(_ message: Message, _ draft: Draft) -> Submission {
        Submission(
            message: message, deliveries: draft.deliveries,
            normalAddresses: draft.deliveries.map { NormalizedAddress.of($0.address, on: message.channel) })
    }

    /// The answer that the same request got before under its key, or else a response for which nothing is committed.
    private func replay(_ call: Call, orElse response: HTTPResponse) -> Answer {
        guard call.idempotency != nil else { return .now(response) }
        return .later { [self] reply in replay(call, reply, orElse: response) }
    }

    private func replay(_ call: Call, _ reply: Reply, orElse problem: Problem) {
        replay(call, reply, orElse: problem.response(requestID: call.requestID))
    }

    private func replay(_ call: Call, _ reply: Reply, orElse response: HTTPResponse) {
        guard call.idempotency != nil else { return reply.send(response) }
        services.once.submit("replay", under: call.idempotency) { _ in
            ((), answer: nil)
        } then: { result in
            switch result {
            case .success(.replayed(let answer)): reply.send(HTTPResponse(answer, isReplay: true))
            case .failure(let refusal) where refusal.isOfTheKey: reply.send(refusal, call)
            case .success(.made), .failure: reply.send(response)
            }
        }
    }

    /// The body of the 202, written once, kept with the idempotency key.
    private static func acceptance(of message: Message, _ kept: KeptMessage) -> StoredAnswer {
        let state = DeliveryState.ofMessage(with: kept.states)
        let shown = state == .sending ? DeliveryState.queued : state
        let body = AcceptedBody.bytes(
            id: message.id, status: shown, channel: message.channel, createdAt: message.createdAt)
        return StoredAnswer(status: 202, location: "/v1/messages/\(message.id)", body: body)
    }

    private static func batchResponse(
        _ problems: [Problem?], _ messages: [Message], _ kept: [KeptMessage], _ requestID: String
    ) -> HTTPResponse {
        var next = 0
        let results = problems.map { problem -> AcceptedBody.BatchResult in
            if let problem { return .failure(problem) }
            defer { next += 1 }
            let state = DeliveryState.ofMessage(with: kept[next].states)
            return .success((messages[next].id, state == .sending ? .queued : state))
        }
        return .json(AcceptedBody.batch(results, requestID: requestID), status: 202)
    }
}
