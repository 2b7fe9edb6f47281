import WaypostCore
import WaypostPolicy
import WaypostProviders
import WaypostStore

extension Reconciler {
    /// One look at an attempt in doubt, and what follows from it.
    struct Look: Sendable {
        var item: Reconciliation
        var message: Message
        var sighting: Sighting
        /// When the question was put.
        var askedAt: Timestamp
        /// From when on it could have been: the attempt's end, or this run's start.
        var since: Timestamp
        /// What the provider asks for what it took.
        var price: GateSettings.Price?
        var rules: ReceiptRules

        /// What was seen.
        enum Sighting: Sendable {
            case finding(InquiryFinding)
            /// It cannot be asked, and has not told yet.
            case silence
            /// There is no way to find out any more.
            case impossible(String)
        }

        /// What it came to, once the store knows it.
        enum Settled: Sendable {
            case later(at: Timestamp)
            case ended(ReconciliationEnd, count: Int, receipts: TakenReceipts)
        }

        /// Decides, knowing what other attempts own, and keeps the decision.
        func settle(by schedule: ReconcileSchedule, in session: WriteSession) throws -> Settled {
            let name = item.provider
            switch sighting {
            case .impossible(let reason): return try end(.inDoubt, "\(name): ambiguous: \(reason)", session)
            case .silence:
                if case .look(let at) = schedule.step(listeningSince: since, at: askedAt) {
                    return try again(at, looks, session)
                }
                return try end(.inDoubt, "\(name): ambiguous: it was waited for to tell, and has not", session)
            case .finding(let finding):
                switch try finding.reading({ try session.unowned($0, by: item) }) {
                case .has(let reference):
                    return try end(
                        .sent(reference: reference, cost: cost),
                        "\(name) has it: it was asked after its answer was lost", session)
                case .nothing:
                    var looks = looks
                    if case .look(let at) = schedule.step(afterNothing: &looks, at: askedAt) {
                        return try again(at, looks, session)
                    }
                    return try end(.onward, "\(name): ambiguous, and it was asked and does not have it", session)
                case .unknown(let reason):
                    if case .look(let at) = schedule.step(afterSilence: looks, since: since, at: askedAt) {
                        return try again(at, looks, session)
                    }
                    return try end(.inDoubt, "\(name): ambiguous, and it could not be asked: \(reason)", session)
                }
            }
        }

        private var looks: ReconcileSchedule.Looks {
            ReconcileSchedule.Looks(endedAt: item.endedAt, empty: item.emptyLooks, firstEmptyAt: item.firstEmptyAt)
        }

        private var cost: Cost? {
            price.map { price in
                Cost(
                    micros: price.micros(country: message.content.phone?.country) * Int64(item.ordinals.count),
                    currency: price.currency)
            }
        }

        private func end(_ end: ReconciliationEnd, _ reason: String, _ session: WriteSession) throws -> Settled {
            let (count, receipts) = try session.end(
                item, end, reason: reason, of: message.id, on: message.channel, under: rules)
            return .ended(end, count: count, receipts: receipts)
        }

        private func again(
            _ dueAt: Timestamp, _ looks: ReconcileSchedule.Looks, _ session: WriteSession
        ) throws -> Settled {
            var item = item
            item.emptyLooks = looks.empty
            item.firstEmptyAt = looks.firstEmptyAt
            try session.lookAgain(item, at: dueAt)
            return .later(at: dueAt)
        }
    }
}
