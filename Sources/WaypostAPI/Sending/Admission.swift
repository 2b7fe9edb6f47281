import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostStore

/// A message that a client hands in, and where its recipients stand in the request.
struct Candidate: Sendable {
    var submission: Submission
    var places: RecipientPlaces
    /// What its content holds and must not, where that is so.
    var rejection: Problem?

    /// The recipients' pointers, by ordinal.
    func pointer(_ ordinal: Int) -> String { places.pointer(to: ordinal, of: submission.deliveries) }

    /// What its client is told when recipients have not agreed; `other`: what stands against it beside that.
    func problem(_ objections: [ConsentObjection], beside other: Problem? = nil) -> Problem {
        let type = submission.message.type.rawValue
        let findings = objections.map { objection in
            switch objection.kind {
            case .denied:
                Problem.Finding(
                    pointer(objection.ordinal), "has said no to being written to here", code: .consentRequired)
            case .missing:
                Problem.Finding(
                    pointer(objection.ordinal),
                    "has not agreed to \(type) messages; record it with PUT /v1/consents/{channel}/{address}",
                    code: .consentRequired)
            }
        }
        return Problem(findings + (other?.errors ?? [])) ?? Problem(.consentRequired, "A recipient has not agreed.")
    }
}

/// What is known of a candidate before the store is asked to keep it.
struct Admitted: Sendable {
    var candidate: Candidate
    var prepared: Intake.Prepared
    /// What the lists say; nil where they were not asked: the store asks them again when it keeps the message.
    var findings: DoorFindings?
}

/// Why a message cannot be prepared.
private struct Obstacle: Error {
    var problem: Problem
    /// A policy that is asked after the lists.
    var isOfLaterPolicy: Bool
}

/// Prepares messages, and sees to the order of the policies: where one objects that comes after the lists, or nothing will be
/// kept, the lists are asked first, by a reader.
extension API {
    /// Goes on with each; at once where no list has to be asked. What is in the results holds permits and places.
    func admitting(
        _ candidates: [Result<Candidate, Problem>], isDryRun: Bool, _ call: Call,
        then: @escaping @Sendable ([Result<Admitted, Problem>]) -> Answer
    ) -> Answer {
        var isListed = false
        let prepared = candidates.map { candidate in
            candidate.map { candidate in
                let result = prepare(candidate, call)
                let isLater = if case .failure(let obstacle) = result { obstacle.isOfLaterPolicy } else { false }
                if isDryRun || isLater {
                    isListed = isListed || services.intake.mayBeListed(candidate.submission.message)
                }
                return (candidate, result)
            }
        }
        guard isListed else {
            return then(
                prepared.map { one in
                    one.flatMap { candidate, result in
                        result.map { Admitted(candidate: candidate, prepared: $0, findings: nil) }
                            .mapError(\.problem)
                    }
                })
        }
        return .later { [self] reply in
            let isTaken = services.readers.run { [self] in
                let found = prepared.map { one in
                    one.map { candidate, result in (candidate, result, try? findings(candidate, call)) }
                }
                let isRead = found.allSatisfy { one in
                    if case .success((_, _, nil)) = one { false } else { true }
                }
                guard isRead else { return giveUp(prepared, call, reply) }
                then(found.map { one in one.flatMap { judge($0, $1, $2, isDryRun: isDryRun, call) } }).send(to: reply)
            }
            if !isTaken { giveUp(prepared, call, reply) }
        }
    }

    /// Content is judged before limits and routes; what they object to is told with it.
    private func prepare(_ candidate: Candidate, _ call: Call) -> Result<Intake.Prepared, Obstacle> {
        let prepared = services.intake.prepare(candidate.submission).mapError {
            Obstacle(problem: $0.problem(at: call.now), isOfLaterPolicy: $0.isOfLaterPolicy)
        }
        guard let rejection = candidate.rejection else { return prepared }
        switch prepared {
        case .success(let one):
            services.intake.letGo(one)
            return .failure(Obstacle(problem: rejection, isOfLaterPolicy: true))
        case .failure(let obstacle):
            guard obstacle.isOfLaterPolicy else { return .failure(obstacle) }
            let both = Problem(rejected: rejection.errors + obstacle.problem.errors)
            return .failure(Obstacle(problem: both, isOfLaterPolicy: true))
        }
    }

    /// The lists cannot be asked: nothing is taken in.
    private func giveUp(
        _ prepared: [Result<(Candidate, Result<Intake.Prepared, Obstacle>), Problem>], _ call: Call, _ reply: Reply
    ) {
        for case .success((_, .success(let one))) in prepared { services.intake.letGo(one) }
        reply.send(Problem(.storeUnavailable, "The store cannot be read now.", retryAfter: .seconds(1)), call)
    }

    private func findings(_ candidate: Candidate, _ call: Call) throws -> DoorFindings {
        let message = candidate.submission.message
        return try services.consents.findings(
            for: candidate.submission.normalAddresses, others: candidate.submission.otherAddresses,
            on: message.channel, message.type,
            requiresConsent: services.intake.requiresConsent(message), at: call.now)
    }

    /// The policies in their order, now that all of them have been asked.
    private func judge(
        _ candidate: Candidate, _ result: Result<Intake.Prepared, Obstacle>, _ findings: DoorFindings?,
        isDryRun: Bool, _ call: Call
    ) -> Result<Admitted, Problem> {
        let findings = findings ?? DoorFindings(deliveries: candidate.submission.deliveries.count)
        switch result {
        case .success(let prepared):
            guard isDryRun, !findings.objections.isEmpty else {
                return .success(Admitted(candidate: candidate, prepared: prepared, findings: findings))
            }
            services.intake.letGo(prepared)
            return .failure(candidate.problem(findings.objections))
        case .failure(let obstacle):
            let problem = obstacle.problem
            guard obstacle.isOfLaterPolicy else { return .failure(problem) }
            if findings.isSuppressed {
                return services.intake.prepareSuppressed(candidate.submission).map {
                    Admitted(candidate: candidate, prepared: $0, findings: findings)
                }.mapError { $0.problem(at: call.now) }
            }
            guard findings.objections.isEmpty else {
                return .failure(candidate.problem(findings.objections, beside: problem))
            }
            return .failure(problem)
        }
    }
}
