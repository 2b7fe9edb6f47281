import WaypostProviders

/// What a provider's list says of one attempt, once the messages of our other attempts are taken out of it.
enum InquiryReading: Equatable {
    case has(reference: String)
    case nothing
    case unknown(reason: String)
}

extension InquiryFinding {
    /// `unowned` leaves those ids that no other attempt of ours got, in their order.
    func reading(_ unowned: ([String]) throws -> [String]) rethrows -> InquiryReading {
        switch self {
        case .nothing: return .nothing
        case .unknown(let reason): return .unknown(reason: reason)
        case .found(let references): return try unowned(references).first.map(InquiryReading.has) ?? .nothing
        case .perhaps(let references):
            let left = try unowned(references)
            if left.count > 1 {
                return .unknown(reason: "it has several messages that may be this one")
            }
            return left.first.map(InquiryReading.has) ?? .nothing
        }
    }
}
