import Testing

@testable import WaypostCore

@Suite struct ReceiptCodingTests {
    private static func failure() -> Failure {
        var failure = Failure(
            .refusedRecipient, "no such user", scope: .endpoint, code: "550 5.1.1", breaker: BreakerEffect.none)
        failure.suppression = .hardBounce
        return failure
    }

    private static let news: [Receipt.News] = [
        .taken, .deferred, .delivered, .read, .opened, .clicked, .complained, .unsubscribed, .resubscribed,
        .failed(Failure(.unavailable, "queue full")), .failed(Failure(.misconfigured, "suspended", breaker: .open)),
        .bounced(failure()),
    ]

    @Test(arguments: news)
    func `a receipt that waits comes back as it was`(news: Receipt.News) throws {
        var receipt = Receipt(id: "ev-1", channel: .sms, news: news, at: Timestamp(milliseconds: 1_790_000_000_123))
        receipt.alias = "ev-1/again"
        receipt.message = MessageID(at: receipt.at)
        receipt.attempt = AttemptID(at: receipt.at)
        receipt.reference = "SM1"
        receipt.address = "+15550100"
        receipt.suppression = .optOut
        receipt.sparesTransactional = true
        receipt.code = "30003"
        receipt.detail = "Unreachable \"handset\""
        receipt.facts = [.init(key: "diagnostic", value: "x\ny"), .init(key: "url", value: "https://example.com/?a=1")]
        #expect(try Receipt(decoding: receipt.encoded()) == receipt)
    }

    @Test func `a bare receipt comes back as it was`() throws {
        let receipt = Receipt(id: "e", channel: .email, news: .taken, at: Timestamp(milliseconds: 0))
        #expect(try Receipt(decoding: receipt.encoded()) == receipt)
    }

    @Test(arguments: ["", "{}", #"{"v":1,"id":"e","news":"surprise"}"#, #"{"v":1,"id":"e","news":"failed"}"#])
    func `damage is told`(text: String) {
        #expect(throws: StoredFormError.self) { try Receipt(decoding: Array(text.utf8)) }
    }
}
