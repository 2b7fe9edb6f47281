import Foundation
import GRDB
import WaypostCore

@testable import WaypostStore

/// A message of which one attempt has begun.
struct Underway {
    var new: NewMessage
    var parcel: Parcel
    var begun: Begun
    var id: MessageID { new.message.id }

    /// A receipt about the attempt.
    func receipt(_ news: Receipt.News, id: String = UUID().uuidString, to address: String? = nil) -> Receipt {
        var receipt = Receipt(id: id, channel: .email, news: news, at: SystemTime().wallNow)
        receipt.message = new.message.id
        receipt.attempt = begun.id
        receipt.address = address
        return receipt
    }
}

extension StoreFixture {
    static let reporting = ReceiptRules(reporting: ["sendgrid", "ses"]) { _ in .hold }
    static let resending = ReceiptRules(reporting: ["sendgrid", "ses"]) { _ in .resend }

    /// Keeps a message whose first attempt has begun.
    func begin(to count: Int = 1, through provider: ProviderName = "sendgrid") throws -> Underway {
        var new = message(to: count, begun: provider)
        new.encoded = [0] + new.message.encoded()
        let parcel = try parcel(new, keep(new))
        return Underway(new: new, parcel: parcel, begun: new.envelopes[0].begun!)
    }

    /// Keeps how the attempt ended. Deliveries without a move are `sent` where it was accepted, else in doubt.
    @discardableResult
    func end(
        _ underway: Underway, _ outcome: Outcome, moves: [Move]? = nil, next: Begun? = nil,
        rules: ReceiptRules = reporting
    ) throws -> Recorded {
        var to = DeliveryState.inDoubt
        if case .accepted = outcome { to = .sent }
        let attempt = Attempt(
            id: underway.begun.id, provider: underway.begun.provider, startedAt: underway.begun.startedAt,
            duration: .milliseconds(5), result: ExchangeResult(outcome))
        let conclusion = Conclusion(
            parcel: underway.parcel, attempt: attempt,
            moves: moves
                ?? (next != nil
                    ? [] : underway.parcel.deliveries.map { Move(ordinal: $0.ordinal, to: to, reason: nil) }),
            round: 1, tried: [underway.begun.provider], dueAt: underway.parcel.dueAt, next: next, decision: nil,
            rules: rules)
        return try commits.perform("record") { try $0.record(conclusion) }
    }

    /// A message that a provider has accepted under the reference.
    func sent(to count: Int = 1, through provider: ProviderName = "sendgrid", as reference: String? = "ref-1") throws
        -> Underway
    {
        let underway = try begin(to: count, through: provider)
        try end(underway, .accepted(reference: reference))
        return underway
    }

    @discardableResult
    func take(
        _ receipts: Receipt..., from provider: ProviderName = "sendgrid", under rules: ReceiptRules = reporting
    ) throws -> TakenReceipts {
        try commits.perform("receipt") { try $0.take(receipts, from: provider, under: rules) }
    }

    func events(_ id: MessageID) throws -> [EventType] {
        try reader.message(id, client: nil)?.events.map(\.type) ?? []
    }

    /// One number of the store's.
    func number(_ sql: String) throws -> Int {
        try file.pool.read { try Int.fetchOne($0, sql: sql) } ?? 0
    }

    func rates(_ window: Duration = .seconds(3600)) throws -> [DeliveryRate] {
        try reader.deliveryRates([("w", window)], at: SystemTime().wallNow)
    }
}
