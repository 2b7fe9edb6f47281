import WaypostCore

/// What one receipt means for one delivery: the table by which receipts move states, and never backwards.
///
/// A receipt proves that the provider took the attempt it is about, unless it is a failure that lets somebody else try.
/// Success counts whoever reports it; a failure counts only from the attempt that was the last; an end that was reached
/// stays, and only an asynchronous failure that another provider may make good puts a delivery back into the route.
package struct ReceiptEffect: Equatable, Sendable {
    package enum Change: Equatable, Sendable {
        case none
        case enter(DeliveryState)
        /// Back into the route, the provider having had its turn of the round.
        case reroute
    }

    package var change: Change
    /// What the feed is told, exactly once for a receipt; nil: nothing.
    package var event: EventType?

    /// How the delivery stands when the receipt comes.
    package struct Standing: Equatable, Sendable {
        package var state: DeliveryState
        /// The receipt's attempt was the last, and nobody else is known to have the delivery.
        package var isCurrent: Bool
        /// Its time to live lasts.
        package var isAlive: Bool

        package init(_ state: DeliveryState, isCurrent: Bool = true, isAlive: Bool = true) {
            self.state = state
            self.isCurrent = isCurrent
            self.isAlive = isAlive
        }
    }

    package init(_ change: Change, _ event: EventType?) {
        self.change = change
        self.event = event
    }

    /// `policy` is asked only where nobody knows how the attempt ended.
    package static func of(
        _ news: Receipt.News, on standing: Standing, policy: @autoclosure () throws -> AmbiguityPolicy
    ) rethrows -> ReceiptEffect {
        switch news {
        case .taken, .deferred:
            let change = taking(standing.state)
            return ReceiptEffect(change, change == .none ? nil : .sent)
        case .opened: return ReceiptEffect(taking(standing.state), .opened)
        case .clicked: return ReceiptEffect(taking(standing.state), .clicked)
        case .complained: return ReceiptEffect(taking(standing.state), .complained)
        case .unsubscribed: return ReceiptEffect(taking(standing.state), .unsubscribed)
        // Told a second time under another name it is no news.
        case .delivered: return ReceiptEffect(arriving(standing.state), standing.state == .delivered ? nil : .delivered)
        case .read: return ReceiptEffect(arriving(standing.state), .delivered)
        case .failed(let failure):
            let change = try failing(failure, standing, policy: policy)
            return ReceiptEffect(change, change == .enter(.inDoubt) ? .inDoubt : .undelivered)
        case .bounced(let failure): return ReceiptEffect(try failing(failure, standing, policy: policy), .bounced)
        case .resubscribed, .inbound: return ReceiptEffect(.none, nil)
        }
    }

    /// A provider has it: what was on its way elsewhere, or given up, is sent.
    private static func taking(_ state: DeliveryState) -> Change {
        switch state {
        case .scheduled, .queued, .sending, .inDoubt, .dead, .expired: .enter(.sent)
        case .sent, .delivered, .undelivered, .failed, .suppressed, .canceled: .none
        }
    }

    private static func arriving(_ state: DeliveryState) -> Change {
        switch state {
        case .scheduled, .queued, .sending, .sent, .inDoubt, .dead, .expired: .enter(.delivered)
        case .delivered, .undelivered, .failed, .suppressed, .canceled: .none
        }
    }

    private static func failing(
        _ failure: Failure, _ standing: Standing, policy: () throws -> AmbiguityPolicy
    ) rethrows -> Change {
        guard standing.isCurrent else { return .none }
        switch failure.kind {
        case .refusedMessage, .refusedRecipient:
            // What waits again after an attempt in doubt was refused, too: going on would be dodging it.
            switch standing.state {
            case .queued, .sending, .sent, .inDoubt: return .enter(.undelivered)
            default: return .none
            }
        case .unavailable, .throttled, .unsuitable, .misconfigured:
            guard isHeld(standing.state) else { return .none }
            return standing.isAlive ? .reroute : .enter(.undelivered)
        case .ambiguous:
            guard isHeld(standing.state) else { return .none }
            guard try policy() == .resend else { return standing.state == .inDoubt ? .none : .enter(.inDoubt) }
            return standing.isAlive ? .reroute : .enter(.undelivered)
        }
    }

    /// The attempt's provider has it, or may have it.
    private static func isHeld(_ state: DeliveryState) -> Bool {
        state == .sending || state == .sent || state == .inDoubt
    }
}
