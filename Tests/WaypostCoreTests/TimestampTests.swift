import Testing
import WaypostCore

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (-86_400_000, "1969-12-31T00:00:00.000Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"), (1_709_164_799_999, "2024-02-28T23:59:59.999Z"),
        (1_709_164_800_000, "2024-02-29T00:00:00.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
        (1_767_225_600_001, "2026-01-01T00:00:00.001Z"),
    ])
    func `a moment is written and read in UTC`(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000Z"), ("2026-01-31t12:00:00z", "2026-01-31T12:00:00.000Z"),
        ("2026-01-31 12:00:00Z", "2026-01-31T12:00:00.000Z"), ("2026-01-31T12:00:00.5Z", "2026-01-31T12:00:00.500Z"),
        ("2026-01-31T12:00:00.123456789Z", "2026-01-31T12:00:00.123Z"),
        ("2026-01-31T12:00:00.9999Z", "2026-01-31T12:00:00.999Z"),
        ("2026-01-31T12:00:00+02:00", "2026-01-31T10:00:00.000Z"),
        ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.000Z"),
        ("2026-12-31T23:30:00-00:45", "2027-01-01T00:15:00.000Z"), ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
        ("1990-12-31T15:59:60-08:00", "1991-01-01T00:00:00.000Z"),
        ("1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.870Z"),
    ])
    func `RFC 3339 is read with any offset and fraction`(text: String, moment: String) {
        #expect(Timestamp(text)?.description == moment)
    }

    @Test(arguments: [
        "", "2026", "2026-01-31", "2026-01-31T12:00:00", "2026-01-31T12:00Z", "2026-1-31T12:00:00Z",
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-00-01T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z", "2026-01-31T12:00:61Z", "2026-01-31T12:00:00.Z",
        "2026-01-31T12:00:00,5Z",
        "2026-01-31T12:00:00+2:00", "2026-01-31T12:00:00+02", "2026-01-31T12:00:00+0200", "2026-01-31T12:00:00+24:00",
        "2026-01-31T12:00:00+02:60", "2026-01-31T12:00:00Zx", " 2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z ",
        "2026-01-31_12:00:00Z",
        "+026-01-31T12:00:00Z", "２０２６-01-31T12:00:00Z", "now",
    ])
    func `anything else is none`(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func `arithmetic is in milliseconds`() {
        let moment = Timestamp(milliseconds: 1_000)
        #expect((moment + .milliseconds(500)).milliseconds == 1_500)
        #expect((moment - .seconds(2)).milliseconds == -1_000)
        #expect(moment - Timestamp(milliseconds: 250) == .milliseconds(750))
        #expect(Timestamp(milliseconds: -1).unixSeconds == -1)
        #expect(Timestamp(milliseconds: 1_999).unixSeconds == 1)
        #expect(Duration.microseconds(1_999).milliseconds == 1)
        #expect(Duration.milliseconds(1_500).seconds == 1.5)
    }

    @Test func `every day of four centuries comes back`() {
        for day in stride(from: Int64(-60_000), to: 90_000, by: 7) {
            let moment = Timestamp(milliseconds: day * 86_400_000 + 12_345)
            #expect(Timestamp(moment.description) == moment)
        }
    }
}
