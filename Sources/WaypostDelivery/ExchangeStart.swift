import WaypostHTTP
import WaypostPolicy
import WaypostProviders
import WaypostStore

extension Exchange {
    /// An attempt under way.
    struct Start: Sendable {
        var parcel: Parcel
        var permit: Permit
        var provider: any Provider
        var begun: Begun
        /// How often the provider said that it had not looked at it, and it was sent once more.
        var refusals = 0
        /// Its answer asked for another try, which is granted once.
        var isRepeated = false
        var isWithNewCredential = false
        var wantsNewConnection = false

        init(parcel: Parcel, permit: Permit, provider: any Provider, begun: Begun) {
            self.parcel = parcel
            self.permit = permit
            self.provider = provider
            self.begun = begun
        }

        /// Refusals of one attempt's stream before it counts as a failure: a peer that refuses more has other troubles.
        private static let maxRefusals = 5

        /// The same attempt once more, where the answer says that it was not processed; else nil.
        func again(after reply: Result<TransportReply, TransportError>) -> Start? {
            var again = self
            switch reply {
            case .failure(let error):
                guard error.departure == .refusedUnprocessed, refusals < Self.maxRefusals else { return nil }
                again.refusals += 1
            case .success(let reply):
                guard !isRepeated, let repetition = provider.repetition(after: reply) else { return nil }
                again.isRepeated = true
                again.isWithNewCredential = repetition == .newCredential
                again.wantsNewConnection = true
            }
            return again
        }
    }

    /// Attempts that leave in one request.
    enum Bundle {
        case one(Start)
        case many([Start], any BundlingProvider)

        /// In the order of the first of each. Only neighbours are compared, so that a thousand attempts cost a thousand
        /// comparisons: what belongs together comes together, from one batch.
        static func grouped(_ starts: [Start]) -> [Bundle] {
            guard starts.count > 1 else { return starts.map(Bundle.one) }
            var bundles: [Bundle] = []
            var open: [Start] = []
            func close() {
                if open.count > 1, let provider = open[0].provider as? any BundlingProvider {
                    bundles.append(.many(open, provider))
                } else {
                    bundles += open.map(Bundle.one)
                }
                open = []
            }
            for start in starts {
                if let first = open.first, !first.canLeave(with: start, count: open.count) { close() }
                open.append(start)
            }
            close()
            return bundles
        }
    }
}

extension Exchange.Start {
    /// Whether the other may join a request that holds so many with this one as its first.
    fileprivate func canLeave(with other: Exchange.Start, count: Int) -> Bool {
        guard let bundling = provider as? any BundlingProvider, other.provider.name == provider.name,
            count < bundling.largestBundle
        else { return false }
        return bundling.canShareRequest(parcel.message, other.parcel.message)
    }
}
