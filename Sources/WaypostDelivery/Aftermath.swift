import WaypostCore
import WaypostPolicy
import WaypostStore

/// What one exchange's result means for each delivery of its parcel: who has come to an end, and who goes on.
struct Aftermath: Equatable {
    /// Ends.
    var moves: [Move] = []
    /// Who goes on.
    var open: [Delivery] = []
    /// Set when those who go on must not do so before then, and with the same provider first.
    var later: Timestamp?
    /// Why they are not done, in words.
    var reason = ""

    /// The provider asked to be left alone; waiting for it uses up no turn of the round.
    var isResting = false

    init(of result: ExchangeResult, for parcel: Parcel, through provider: ProviderName, policy: AmbiguityPolicy) {
        for delivery in parcel.deliveries {
            let ordinal = delivery.ordinal
            switch Verdict.after(result, for: ordinal, policy: policy) {
            case .sent: moves.append(Move(ordinal: ordinal, to: .sent, reason: nil))
            case .failed(let why): moves.append(Move(ordinal: ordinal, to: .failed, reason: "\(provider): \(why)"))
            case .suppress(let why):
                moves.append(Move(ordinal: ordinal, to: .failed, reason: "\(provider): \(why)", suppresses: true))
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
    }

    /// What the provider asks for those it took; nil without a price, or where it took none.
    func cost(_ price: GateSettings.Price?) -> Cost? {
        let taken = moves.count { $0.to == .sent }
        guard let price, taken > 0 else { return nil }
        return Cost(micros: price.micros(country: nil) * Int64(taken), currency: price.currency)
    }

    private mutating func goOn(_ delivery: Delivery, _ provider: ProviderName, _ result: ExchangeResult) {
        open.append(delivery)
        reason = "\(provider): \(result.reason(for: delivery.ordinal))"
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
