import Testing
import WaypostCore

@Suite struct DeliveryTests {
    @Test(
        arguments: [
            ([], .queued), ([.queued], .queued), ([.scheduled], .scheduled),
            ([.failed, .delivered, .queued], .delivered),
            ([.failed, .sent, .sending], .sent), ([.delivered, .sent], .delivered),
            ([.failed, .sending, .queued], .sending),
            ([.dead, .queued, .scheduled], .queued), ([.scheduled, .inDoubt], .scheduled),
            ([.dead, .inDoubt], .inDoubt),
            ([.undelivered, .dead], .dead), ([.failed, .undelivered], .undelivered), ([.suppressed, .failed], .failed),
            ([.expired, .suppressed], .suppressed), ([.canceled, .expired], .expired),
            ([.canceled, .canceled], .canceled),
        ] as [([DeliveryState], DeliveryState)])
    func `a message's state follows from its deliveries`(states: [DeliveryState], expected: DeliveryState) {
        #expect(DeliveryState.ofMessage(with: states) == expected)
        #expect(DeliveryState.ofMessage(with: states.reversed()) == expected)
    }

    @Test func `every state has a word of its own and a fixed number`() {
        #expect(Set(DeliveryState.allCases.map(\.word)).count == 12)
        for state in DeliveryState.allCases { #expect(DeliveryState(word: state.word) == state) }
        #expect(DeliveryState(word: "inDoubt") == nil)
        #expect(DeliveryState.allCases.map(\.rawValue) == Array(0...11))
        #expect(DeliveryState.allCases.filter(\.isOpen) == [.scheduled, .queued, .sending])
    }
}
