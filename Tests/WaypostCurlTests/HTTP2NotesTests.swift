import Testing

@testable import WaypostCurl

/// What libcurl's remarks say of a stream's fate.
@Suite struct HTTP2NotesTests {
    /// A transfer on connection 0, whose peer has said that it looks at streams up to 99.
    private func covered(_ lines: [String], hasBody: Bool = true) -> (covered: Bool, saysRefused: Bool) {
        var notes = HTTP2Notes(hasBody: hasBody)
        let goAways = GoAways()
        for line in lines {
            let news = Array((line + "\n").utf8).withUnsafeBytes { notes.take($0) }
            if case .goAway(let goAway)? = news { goAways.add(goAway) }
        }
        return (goAways.cover(notes), notes.saysRefused)
    }

    private let first = [
        "Re-using existing connection #0 with host a.example", "Using Stream ID: 101 (easy handle 0x1)",
    ]
    private let goAway = "recveived GOAWAY, error=0, last_stream=99"
    private let retried = [
        "Connection died, retrying a fresh connect (retry count: 1)",
        "Connected to a.example (192.0.2.1) port 443 (#2)",
    ]
    private let second = "Using Stream ID: 1 (easy handle 0x1)"

    @Test func `a stream above the last that a peer looks at was not processed`() {
        #expect(covered(first + [goAway]).covered)
        #expect(!covered(first).covered)
        #expect(!covered(first + ["recveived GOAWAY, error=0, last_stream=101"]).covered)
    }

    @Test func `that libcurl has begun another connection since changes nothing about the stream`() {
        #expect(covered(first + [goAway] + retried).covered)
    }

    @Test func `what was sent on another connection is judged by that alone`() {
        #expect(!covered(first + [goAway] + retried + [second]).covered)
        #expect(covered(first + [goAway] + retried + [second, "recveived GOAWAY, error=0, last_stream=0"]).covered)
        #expect(
            !covered(
                first + [goAway] + retried + [second, "recveived GOAWAY, error=0, last_stream=0"], hasBody: false
            ).covered, "without a body the first may have been processed")
    }

    @Test func `a refusal of the first stream says nothing of the second`() {
        let refused = "REFUSED_STREAM, retrying a fresh connect"
        #expect(covered(first + [refused]).saysRefused)
        #expect(!covered(first + [refused] + retried + [second]).saysRefused)
    }
}
