import Testing

@testable import WaypostSandbox

@Suite struct CivilTimeTests {
    @Test(
        arguments: [
            ("2025-01-15T12:00:00Z", 1_736_942_400_000), ("2025-01-15T13:00:00+01:00", 1_736_942_400_000),
            ("2025-01-15t12:00:00.25z", 1_736_942_400_250), ("2024-02-29T00:00:00-00:30", 1_709_166_600_000),
            ("2025-02-29T00:00:00Z", nil), ("2025-01-15 12:00:00Z", nil), ("2025-01-15T12:00:00", nil),
            ("2025-01-15T25:00:00Z", nil), ("2025-01-15T12:00:00.Z", nil), ("2025-13-01T00:00:00Z", nil), ("", nil),
        ] as [(String, Int64?)])
    func `a time of RFC 3339 is read`(text: String, milliseconds: Int64?) {
        #expect(CivilTime.milliseconds(text) == milliseconds)
    }
}
