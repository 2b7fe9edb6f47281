extension Sandbox {
    /// SendGrid's public key, as its settings show it: base64 of DER.
    package var webhookPublicKey: String { callbacks.publicKey }

    /// From now on the stand-ins call that router back, where they do not learn the URL with each message.
    package func callBack(router: String) { callbacks.change { $0.settings.call(router: router) } }

    /// What became of the callbacks so far.
    package var callbackCounts: [StandIn: CallbackCounts] { callbacks.counts }

    /// What was taken and what is told of it, as far as it is not at its end.
    package var callbacksUnderWay: Int { callbacks.open }

    /// SES's subscriber has fetched the SubscribeURL.
    package var isSubscriptionConfirmed: Bool { callbacks.topic.isConfirmed }

    /// Changes how callbacks travel: one provider's, or all.
    package func setTransport(_ transport: CallbackTransport, for provider: StandIn? = nil) throws(FaultProblem) {
        if let problem = transport.problem { throw FaultProblem([problem]) }
        callbacks.change { $0.set(transport, for: provider) }
    }

    /// Decides what becomes of some of the messages taken from now on. Returns its number.
    @discardableResult
    package func setOutcome(_ rule: OutcomeRule) throws(FaultProblem) -> Int { try callbacks.set(rule) }

    /// Takes back all outcomes that were set, one provider's, or one.
    package func clearOutcomes(_ provider: StandIn? = nil, id: Int? = nil) {
        callbacks.change { _ = $0.rules.remove(provider: provider, id: id) }
    }

    /// Sends an inbound message; false where nobody has said where it goes.
    package func receive(_ message: Inbound) -> Bool { callbacks.send(message, at: WallClock.milliseconds) }
}

extension CallbackDesk {
    /// Base64 of DER.
    var publicKey: String { Base64.encode(seal.sendGridKey.publicKey) }

    /// In force when this returns.
    func set(_ rule: OutcomeRule) throws(FaultProblem) -> Int {
        if let problem = rule.problem { throw FaultProblem([problem]) }
        var id: Int?
        change { id = $0.rules.add(rule) }
        guard let id else {
            throw FaultProblem(["there are \(OutcomeRules.maximum) outcomes already; delete some first"])
        }
        return id
    }
}
