import WaypostCore
import WaypostPolicy
import WaypostProviders
import WaypostStore

/// What one exchange's result means for each delivery of its parcel: who has come to an end, and who goes on.
struct Aftermath: Equatable {
    /// Ends.
    var moves: [Move] = []
    /// Who goes on.
    var open: [Delivery] = []
    /// Whose provider is asked whether it has them; nobody where others of the parcel go on.
    var doubtful: [Int] = []
    /// Set when those who go on must not do so before then, and with the same provider first.
    var later: Timestamp?
    /// Why they are not done, in words.
    var reason = ""

    /// The provider asked to be left alone; waiting for it uses up no turn of the round.
    var isResting = false
    /// Device tokens that the provider says are dead.
    var deadTokens: [String] = []
    /// The provider will never reach those who go on: the token that it knows is dead.
    var isExcluded = false

    /// `service`: whose device tokens the provider sends to, if any. `evidence`: how it can be found out whether it has it.
    init(
        of result: ExchangeResult, for parcel: Parcel, through provider: ProviderName, service: Push.Service? = nil,
        policy: AmbiguityPolicy, evidence: Evidence = .none
    ) {
        for delivery in parcel.deliveries {
            let ordinal = delivery.ordinal
            switch Verdict.after(result, for: ordinal, policy: policy) {
            case .sent: moves.append(Move(ordinal: ordinal, to: .sent, reason: nil))
            case .failed(let why): moves.append(Move(ordinal: ordinal, to: .failed, reason: "\(provider): \(why)"))
            case .suppress(let suppression, let why):
                guard let device = parcel.message.content.push?.target(of: delivery)?.device else {
                    moves.append(
                        Move(
                            ordinal: ordinal, to: .failed, reason: "\(provider): \(why)",
                            suppression: suppression ?? .usual(on: parcel.message.channel)))
                    continue
                }
                lose(device, of: delivery, to: service, after: result, parcel, "\(provider): \(why)", provider)
            case .doubt(.reconcile) where evidence != .none: doubtful.append(ordinal)
            case .doubt:
                moves.append(
                    Move(ordinal: ordinal, to: .inDoubt, reason: "\(provider): \(result.reason(for: ordinal))"))
            case .onward: goOn(delivery, provider, result)
            case .rest:
                isResting = true
                goOn(delivery, provider, result)
            case .later(let until):
                later = max(later ?? parcel.dueAt, until ?? parcel.dueAt)
                goOn(delivery, provider, result)
            }
        }
        guard !open.isEmpty else { return }
        // The parcel's next attempt would be taken for the one in doubt.
        for ordinal in doubtful {
            moves.append(Move(ordinal: ordinal, to: .inDoubt, reason: "\(provider): \(result.reason(for: ordinal))"))
        }
        doubtful = []
    }

    /// What the provider asks for those it took, in the recipient's country; nil without a price, or where it took none.
    func cost(_ price: GateSettings.Price?, country: String? = nil) -> Cost? {
        let taken = moves.count { $0.to == .sent }
        guard let price, taken > 0 else { return nil }
        return Cost(micros: price.micros(country: country) * Int64(taken), currency: price.currency)
    }

    /// A dead token is removed; the other token of its device, if it has one, is another address and may be tried.
    private mutating func lose(
        _ device: Push.Device, of delivery: Delivery, to service: Push.Service?, after result: ExchangeResult,
        _ parcel: Parcel, _ reason: String, _ provider: ProviderName
    ) {
        if let token = service.flatMap({ device[$0] }) { deadTokens.append(token) }
        // With some excluded already, the other token is dead, too.
        if parcel.excluded.isEmpty, device.services.contains(where: { $0 != service }) {
            isExcluded = true
            goOn(delivery, provider, result)
        } else {
            moves.append(Move(ordinal: delivery.ordinal, to: .failed, reason: reason))
        }
    }

    private mutating func goOn(_ delivery: Delivery, _ provider: ProviderName, _ result: ExchangeResult) {
        open.append(delivery)
        reason = "\(provider): \(result.reason(for: delivery.ordinal))"
    }

    /// What is kept of those whose provider is asked; nil where there are none.
    func doubt(about attempt: Attempt, _ evidence: Evidence, _ schedule: ReconcileSchedule)
        -> Conclusion.Doubt?
    {
        guard !doubtful.isEmpty else { return nil }
        let name = attempt.provider
        let isAsked = evidence == .inquiry
        return Conclusion.Doubt(
            ordinals: doubtful,
            dueAt: attempt.startedAt + attempt.duration + (isAsked ? schedule.firstLook : schedule.listening),
            reason: isAsked
                ? "asking \(name) whether it has it" : "waiting for \(name) to tell whether it has it")
    }
}

extension Suppression.Reason {
    /// What a refused recipient means on a channel where the provider does not say more.
    fileprivate static func usual(on channel: Channel) -> Suppression.Reason {
        switch channel {
        case .email: .hardBounce
        case .push: .deadToken
        case .sms, .whatsapp, .voice, .realtime: .invalidAddress
        }
    }
}

extension ExchangeResult {
    /// Our word for the failure and the provider's for the case.
    fileprivate func reason(for ordinal: Int) -> String {
        if let failure = exceptions[ordinal] { return "\(failure.kind.rawValue): \(failure.detail)" }
        guard case .failed(let failure) = outcome else { return outcome.word }
        return "\(failure.kind.rawValue): \(failure.detail)"
    }
}

extension Message {
    /// What is done when nobody knows how an attempt ended. A notification that is shown carries an id under which a second
    /// copy replaces the first on the device, whoever delivers it: reconciling is sending it again.
    package func ambiguityPolicy(in routes: RouteTable) -> AmbiguityPolicy {
        let configured = routes.ambiguityPolicy(for: type, on: channel, override: onAmbiguous)
        return configured == .reconcile && content.push?.isVisible == true ? .resend : configured
    }
}
