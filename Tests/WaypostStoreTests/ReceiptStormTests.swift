import Testing
import WaypostCore
import WaypostTesting

@testable import WaypostStore

/// Receipts as providers really send them: repeated, out of order, for messages that fare differently.
@Suite struct ReceiptStormTests {
    private static let news: [Receipt.News] = [
        .taken, .deferred, .delivered, .read, .opened, .clicked, .complained, .unsubscribed,
        .bounced(Failure(.refusedRecipient, "no such user")), .failed(Failure(.unavailable, "queue full")),
        .failed(Failure(.ambiguous, "who knows")), .failed(Failure(.refusedMessage, "spam")),
    ]

    /// Ends that nothing takes back but an operator.
    private static let ends: Set<DeliveryState> = [.delivered, .undelivered, .failed, .suppressed, .canceled]

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `books balance and no end is taken back, whatever comes in whatever order`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let store = try StoreFixture()
        let rules = seed.isMultiple(of: 2) ? StoreFixture.reporting : StoreFixture.resending
        var messages: [(Underway, isOver: Bool)] = []
        for _ in 0..<12 { messages.append((try store.begin(to: Int.random(in: 1...3, using: &random)), false)) }
        var before: [[DeliveryState]] = try messages.map { try store.states($0.0.id) }
        for step in 0..<400 {
            let index = Int.random(in: messages.indices, using: &random)
            let (message, isOver) = messages[index]
            if !isOver, Int.random(in: 0..<6, using: &random) == 0 {
                let outcomes: [Outcome] = [.accepted(reference: "r\(index)"), .failed(Failure(.ambiguous, "timeout"))]
                try store.end(message, outcomes.randomElement(using: &random)!, rules: rules)
                messages[index].isOver = true
            } else {
                let address = Bool.random(using: &random) ? "user0@example.com" : nil
                let receipt = message.receipt(
                    Self.news.randomElement(using: &random)!, id: "\(Int.random(in: 0..<120, using: &random))",
                    to: address)
                try store.take(receipt, from: "sendgrid", under: rules)
            }
            let after = try messages.map { try store.states($0.0.id) }
            for (old, new) in zip(before.joined(), after.joined()) where Self.ends.contains(old) {
                #expect(old == new, "seed \(seed), step \(step)")
            }
            before = after
        }
        #expect(try store.imbalance == 0)
        for rate in try store.rates() {
            #expect(rate.sent >= 0 && rate.delivered >= 0 && rate.undelivered >= 0, "seed \(seed): \(rate)")
            #expect(rate.delivered <= rate.sent || rate.sent == 0, "seed \(seed): \(rate)")
        }
        store.close()
        #expect(try Inspection.of(path: store.path).findings.isEmpty)
        try store.reopen()
    }

    /// Sets of which the outcome must not depend on the order: what was told of one attempt.
    private static let sets: [([Receipt.News], DeliveryState)] = [
        ([.taken, .deferred, .delivered, .opened, .clicked], .delivered),
        ([.taken, .opened, .complained, .unsubscribed], .sent),
        ([.taken, .deferred, .bounced(Failure(.refusedRecipient, "no"))], .undelivered),
        ([.taken, .deferred, .failed(Failure(.unavailable, "full"))], .queued),
        ([.taken, .failed(Failure(.ambiguous, "?"))], .inDoubt),
    ]

    @Test(arguments: sets, [true, false])
    func `the order in which an attempt is told of does not matter`(
        set: ([Receipt.News], DeliveryState), isAnswered: Bool
    ) throws {
        for seed in 0..<6 {
            var random = SeededRandom(seed: UInt64(seed))
            let store = try StoreFixture()
            let message = try store.begin()
            // Before the answer or after it, which is lost or not: it comes to the same.
            if isAnswered { try store.end(message, .accepted(reference: "r")) }
            for news in set.0.shuffled(using: &random) { try store.take(message.receipt(news)) }
            if !isAnswered { try store.end(message, .failed(Failure(.ambiguous, "timeout"))) }
            #expect(try store.states(message.id) == [set.1], "seed \(seed)")
            #expect(try store.imbalance == 0)
        }
    }
}
