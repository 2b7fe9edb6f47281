import Testing
import WaypostCore
import WaypostHTTP

@testable import WaypostProviders

@Suite struct RetryAfterTests {
    let now = Timestamp(milliseconds: 1_736_942_400_000)  // 2025-01-15T12:00:00Z

    private func moment(_ text: String) -> Timestamp? {
        RetryAfter.moment(in: HTTPHeaders(["retry-after": text]), after: now)
    }

    @Test func `seconds count from now`() { #expect(moment("120") == now + .seconds(120)) }

    @Test func `a date is taken as it is`() {
        #expect(moment("Wed, 15 Jan 2025 12:05:30 GMT") == now + .seconds(330))
    }

    @Test(arguments: ["86401", "99999999999999999999999", "Wed, 15 Jan 2031 12:00:00 GMT"])
    func `nobody is believed beyond a day`(text: String) { #expect(moment(text) == now + .seconds(86_400)) }

    @Test(arguments: [
        "", "soon", "-5", "0", "1.5", "+7", "Wed, 15 Jan 2025 11:59:59 GMT", "Wed, 15 Foo 2025 12:05:30 GMT",
    ])
    func `what is past or unreadable names no time`(text: String) { #expect(moment(text) == nil) }

    @Test func `a Unix second is read`() {
        #expect(RetryAfter.moment(unixSecond: "1736942460", after: now) == now + .seconds(60))
        #expect(RetryAfter.moment(unixSecond: "1736942400", after: now) == nil)
        #expect(RetryAfter.moment(unixSecond: "9223372036854775807", after: now) == nil)
        #expect(RetryAfter.moment(unixSecond: "x", after: now) == nil)
    }
}
