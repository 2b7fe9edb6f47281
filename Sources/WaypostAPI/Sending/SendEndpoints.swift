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
            let places = RecipientPlaces(message: body)
            guard needsLookUp(draft) else { return try take(draft, at: places, isDryRun: isDryRun, call) }
            return lookingUp(for: [.success(draft)], call) { _ in
                "/to/user"
            } then: { [self] found in
                switch found[0] {
                case .success(let draft):
                    answering(call) { () throws(Problem) in try take(draft, at: places, isDryRun: isDryRun, call) }
                case .failure(let problem) where isDryRun: .problem(problem, call)
                case .failure(let problem): replay(call, orElse: problem.response(requestID: call.requestID))
                }
            }
        }
    }

    private func take(
        _ draft: Draft, at places: RecipientPlaces, isDryRun: Bool, _ call: Call
    ) throws(Problem) -> Answer {
        let candidate = candidate(draft, MessagePlace(), places, call)
        if !isDryRun { try acceptsSends() }
        return admitting([.success(candidate)], isDryRun: isDryRun, call) { [self] admitted in
            isDryRun ? .now(rehearse(admitted[0], call)) : keep(admitted[0], call)
        }
    }

    /// 202 once it is on disk; with `Prefer: wait` when its first attempt is over, if that comes first.
    private func keep(_ admitted: Result<Admitted, Problem>, _ call: Call) -> Answer {
        switch admitted {
        case .failure(let problem): return replay(call, orElse: problem.response(requestID: call.requestID))
        case .success(let one):
            let message = one.prepared.message
            let patience = call.endpoint == .sendMessage ? WaitPreference.of(call.request.headers) : nil
            return .later { [self] reply in
                services.intake.keep([one.prepared], idempotency: call.idempotency) { outcomes in
                    outcomes[0].message.map { Self.acceptance(of: message, $0) }
                } then: { [self] result in
                    switch result {
                    case .success(.kept(let answer, let outcomes)):
                        let states = outcomes[0].message?.states ?? []
                        if let patience, states.contains(where: { $0 == .sending || $0 == .queued }) {
                            hold(reply, call, message.id, atMost: patience, otherwise: HTTPResponse(answer))
                        } else {
                            reply.send(HTTPResponse(answer))
                        }
                    case .success(.replayed(let answer)): reply.send(HTTPResponse(answer, isReplay: true))
                    case .failure(let refusal): reply.send(refusal.problem(of: one.candidate, at: call.now), call)
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
            } then: { [self] drafts in
                let candidates = drafts.enumerated().map { place, draft in
                    draft.map { draft in
                        let root = "/\(list)/\(place)"
                        let places =
                            ofMessages
                            ? RecipientPlaces(message: body[list]?[place], at: root)
                            : RecipientPlaces(recipient: body[list]?[place], at: root, of: body)
                        return candidate(draft, .inBatch(place, ofMessages: ofMessages), places, call)
                    }
                }
                return admitting(candidates, isDryRun: isDryRun, call) { [self] admitted in
                    isDryRun ? .now(rehearse(batch: admitted, call)) : keep(batch: admitted, call)
                }
            }
        }
    }

    /// One transaction for all that can be kept; what cannot is a problem of its own.
    func keep(batch: [Result<Admitted, Problem>], _ call: Call) -> Answer {
        let prepared = batch.compactMap { try? $0.get().prepared }
        // With nothing to keep there is nothing that a second try could double; it may fare better then.
        guard !prepared.isEmpty else {
            return replay(call, orElse: Self.batchResponse(batch, [], call.requestID))
        }
        return .later { [self] reply in
            services.intake.keep(prepared, idempotency: call.idempotency) { outcomes in
                let response = Self.batchResponse(batch, outcomes, call.requestID)
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
        let candidate = Candidate(submission: submission, places: .unnamed)
        admitting([.success(candidate)], isDryRun: false, call) { [self] admitted in
            keep(admitted[0], call)
        }.send(to: reply)
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

    /// With its content as `policy.pii` has it, or why that refuses it.
    func candidate(
        _ draft: Draft, _ place: MessagePlace, _ places: RecipientPlaces, _ call: Call
    ) -> Candidate {
        switch draft.screened(by: services.steering.current.policy.pii, at: place) {
        case .success(let draft):
            Candidate(submission: submission(message(draft, call), draft), places: places)
        case .failure(let problem):
            Candidate(submission: submission(message(draft, call), draft), places: places, rejection: problem)
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

    /// `outcomes`: of those that were admitted, in order.
    private static func batchResponse(
        _ batch: [Result<Admitted, Problem>], _ outcomes: [KeepOutcome], _ requestID: String
    ) -> HTTPResponse {
        var rest = outcomes[...]
        let results = batch.map { one -> AcceptedBody.BatchResult in
            one.flatMap { admitted in
                switch rest.popFirst() {
                case .kept(let kept)?:
                    let state = DeliveryState.ofMessage(with: kept.states)
                    return .success((admitted.prepared.message.id, state == .sending ? .queued : state))
                case .refused(let objections)?: return .failure(admitted.candidate.problem(objections))
                case nil: return .failure(Problem(.storeUnavailable, "Nothing can be kept just now."))
                }
            }
        }
        return .json(AcceptedBody.batch(results, requestID: requestID), status: 202)
    }
}
