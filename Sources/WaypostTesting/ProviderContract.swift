import WaypostCore
import WaypostHTTP
import WaypostProviders

/// What every adapter promises, whichever maker it speaks to. A suite hands in one adapter and what its maker's documents
/// say, and expects `violations(of:)` to be empty for each clause.
package struct ProviderContract: Sendable {
    /// One promise.
    package enum Clause: String, CaseIterable, Sendable {
        case secretsStayInside, answersAreClassified, textSurvives, transportErrorsAreTold, foreignRepliesAreHarmless
        case healthIsRead, identifiersTravel
    }

    /// An answer of the maker and the class that its documents put it in.
    package struct Case: Sendable {
        package var name: String
        package var reply: TransportReply
        /// nil: accepted.
        package var kind: Failure.Kind?
        /// What it is for the breaker; judged only for failures.
        package var breaker: BreakerEffect?

        package init(_ name: String, _ reply: TransportReply, _ kind: Failure.Kind?, breaker: BreakerEffect? = nil) {
            self.name = name
            self.reply = reply
            self.kind = kind
            self.breaker = breaker
        }
    }

    package var provider: any Provider
    /// All that must never be seen in an error, a description or a dump.
    package var secrets: [String]
    package var cases: [Case]
    /// Answers to the health check of an account in order, and of one that is not. nil where the maker has no call for it:
    /// then the adapter must not make one up.
    package var healthy: TransportReply?
    package var ailing: [TransportReply]
    /// Answers whose text repeats the given string, as a careless server might.
    package var echo: @Sendable (String) -> TransportReply
    /// Every text that a request holds, decoded as its receiver would.
    package var texts: @Sendable (TransportRequest) throws -> [String]
    /// What the clauses are tried with.
    package var sample: Sample

    package init(
        provider: any Provider, sample: Sample = .email, secrets: [String], cases: [Case], healthy: TransportReply?,
        ailing: [TransportReply],
        echo: @escaping @Sendable (String) -> TransportReply,
        texts: @escaping @Sendable (TransportRequest) throws -> [String]
    ) {
        self.provider = provider
        self.sample = sample
        self.secrets = secrets
        self.cases = cases
        self.healthy = healthy
        self.ailing = ailing
        self.echo = echo
        self.texts = texts
    }

    /// Every way in which the adapter breaks the clause, a sentence each.
    package func violations(of clause: Clause) -> [String] {
        switch clause {
        case .secretsStayInside: leaks()
        case .answersAreClassified: misreadings()
        case .textSurvives: losses()
        case .transportErrorsAreTold: transportErrors()
        case .foreignRepliesAreHarmless: foreignReplies()
        case .healthIsRead: healthChecks()
        case .identifiersTravel: missingIdentifiers()
        }
    }

    private var context: AttemptContext { sample.context }

    // MARK: Clauses

    private func leaks() -> [String] {
        var seen = ["\(provider)", String(reflecting: provider)]
        var dumped = ""
        dump(provider, to: &dumped)
        seen.append(dumped)
        for secret in secrets + sample.addresses {
            let words = "bad request by \(secret) today"
            let result = provider.result(of: echo(words), for: context)
            seen += [result.detail, result.providerCode].compactMap(\.self)
            if case .failed(let failure) = result.outcome {
                seen += [failure.detail, failure.providerCode].compactMap(\.self)
            }
            seen += [provider.ailment(in: echo(words))].compactMap(\.self)
        }
        var violations: [String] = []
        for text in seen {
            for secret in secrets where text.contains(secret) {
                violations.append("a secret shows in: \(text.prefix(80))")
            }
            for address in sample.addresses where text.contains(address) {
                violations.append("an address shows in: \(text.prefix(80))")
            }
        }
        let long = provider.result(of: echo(String(repeating: "long ", count: 1000)), for: context)
        if (long.detail?.count ?? 0) > 300 { violations.append("a provider's text is repeated at full length") }
        return violations
    }

    private func misreadings() -> [String] {
        cases.compactMap { item in
            let result = provider.result(of: item.reply, for: context)
            switch (result.outcome, item.kind) {
            case (.accepted, nil): return nil
            case (.failed(let failure), let kind?) where failure.kind == kind:
                guard let breaker = item.breaker, failure.breaker != breaker else { return nil }
                return "\(item.name): \(failure.breaker) for the breaker, not \(breaker)"
            default: return "\(item.name): \(result.outcome.word), not \(item.kind?.rawValue ?? "accepted")"
            }
        }
    }

    private func losses() -> [String] {
        do {
            let texts = try texts(provider.request(for: context))
            return sample.texts.filter { text in !texts.contains { $0.contains(text) } }.map {
                "lost on the way: \($0)"
            }
        } catch {
            return ["the sample cannot be read back: \(error)"]
        }
    }

    private func transportErrors() -> [String] {
        let expected: [(TransportError.Departure, Failure.Kind)] = [
            (.notSent, .unavailable), (.refusedUnprocessed, .unavailable), (.mayHaveArrived, .ambiguous),
        ]
        return expected.compactMap { departure, kind in
            let failure = Failure(TransportError(departure: departure, detail: "as it happened"))
            return failure.kind == kind ? nil : "\(departure) is \(failure.kind), not \(kind)"
        }
    }

    /// A reply that cannot be one to this request must neither crash nor count as success.
    private func foreignReplies() -> [String] {
        let foreign: [TransportReply] = [
            .http(
                HTTPResponse(
                    status: 200, headers: HTTPHeaders(["Content-Type": "text/html"]), body: Array("<html>".utf8))),
            .http(HTTPResponse(status: 204)), .http(HTTPResponse(status: 0)), .http(HTTPResponse(status: 302)),
            .mail(MailReply(stage: .data, last: .init(code: 354, text: ""), recipients: [], extensions: [])),
        ]
        return foreign.compactMap { reply in
            switch provider.result(of: reply, for: context).outcome {
            case .accepted: "counted as accepted: \(reply)"
            case .failed(let failure):
                [.ambiguous, .unavailable].contains(failure.kind) ? nil : "\(failure.kind) for \(reply)"
            }
        }
    }

    private func healthChecks() -> [String] {
        var violations: [String] = []
        if (provider.healthCheck(at: context.startedAt) == nil) != (healthy == nil) {
            violations.append(healthy == nil ? "a health check is made up" : "there is no health check")
        }
        if let healthy, let ailment = provider.ailment(in: healthy) { violations.append("healthy, but: \(ailment)") }
        for reply in ailing where provider.ailment(in: reply) == nil {
            violations.append("ailing, but healthy: \(reply)")
        }
        return violations
    }

    private func missingIdentifiers() -> [String] {
        do {
            let texts = try texts(provider.request(for: context))
            return ["\(context.message.id)", "\(context.attempt)"].filter { id in !texts.contains { $0.contains(id) } }
                .map { "\($0) does not travel with the send" }
        } catch {
            return ["the sample cannot be read back: \(error)"]
        }
    }
}
