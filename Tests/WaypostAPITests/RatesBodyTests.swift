import Testing
import WaypostAPI
import WaypostCore
import WaypostStore

@Suite struct RatesBodyTests {
    private func rate(_ provider: ProviderName?, sent: Int, delivered: Int) -> DeliveryRate {
        DeliveryRate(
            channel: .email, provider: provider, window: "24h", sent: sent, delivered: delivered, undelivered: 1,
            opened: 2, clicked: 3)
    }

    @Test func `a line names channel, provider and window, the channel as a whole with no provider`() {
        let text = String(
            decoding: RatesBody.bytes([rate(nil, sent: 3, delivered: 2), rate("ses", sent: 0, delivered: 0)]),
            as: UTF8.self)
        #expect(
            text == """
                {"data":[{"channel":"email","provider":null,"window":"24h","sent":3,"delivered":2,"undelivered":1,\
                "opened":2,"clicked":3,"rate":66.67},{"channel":"email","provider":"ses","window":"24h","sent":0,\
                "delivered":0,"undelivered":1,"opened":2,"clicked":3,"rate":null}]}
                """)
    }

    @Test func `more deliveries than were counted as sent are not more than all`() {
        #expect(rate(nil, sent: 1, delivered: 2).ratio == 1)
    }
}
