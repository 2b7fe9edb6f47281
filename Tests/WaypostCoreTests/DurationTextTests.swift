import Testing
import WaypostCore

@Suite struct DurationTextTests {
    @Test(
        arguments: [
            ("500ms", .milliseconds(500)), ("10s", .seconds(10)), ("5m", .seconds(300)), ("24h", .seconds(86_400)),
            ("7d", .seconds(604_800)),
            ("0s", .zero), ("0010s", .seconds(10)), ("36500d", .seconds(36_500 * 86_400)),
        ] as [(String, Duration)])
    func `a duration is read`(text: String, duration: Duration) {
        #expect(DurationText.parse(text) == duration)
    }

    @Test(arguments: [
        "", "10", "s", "-1s", "+1s", "1.5s", "1h30m", " 1s", "1s ", "1 s", "1S", "1w", "1us", "٣s", "36501d",
        "999999999999999d",
        "9999999999999999999s", "9223372036854775807ms", "1ms\u{301}",
    ])
    func `anything else is none`(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(
        arguments: [
            (.milliseconds(1), "1ms"), (.milliseconds(1500), "1500ms"), (.seconds(90), "90s"), (.seconds(120), "2m"),
            (.seconds(86_400), "1d"),
            (.seconds(90_000), "25h"), (.zero, "0s"), (.microseconds(10), "0s"),
        ] as [(Duration, String)])
    func `a duration is written in its largest whole unit`(duration: Duration, text: String) {
        #expect(DurationText.write(duration) == text)
    }
}
