/// What libcurl's remarks tell about one transfer's HTTP/2 stream. Its result codes do not tell a stream that the peer
/// refused from one that was lost; its words do, in part.
///
/// The words are those of libcurl 7.88; where another version words them otherwise nothing is recognised, and such a
/// transfer counts as one that may have arrived.
struct HTTP2Notes {
    /// A connection's GOAWAY: streams above the last were not processed (RFC 9113 section 6.8).
    struct GoAway: Equatable {
        let connection: Int
        let lastStream: Int
        /// RFC 9113 section 7; 0: an orderly farewell.
        let error: Int

        /// The peer ends what it takes for abuse: INTERNAL_ERROR, as libnghttp2 says it, or ENHANCE_YOUR_CALM.
        var isReproach: Bool { error == 2 || error == 11 }
    }

    /// libcurl's number of the connection that the transfer is on: another one once libcurl tries again, which it begins
    /// to do before it asks whether the body may be sent again.
    private(set) var connection: Int?
    private(set) var stream: Int?
    /// The connection that carries the stream.
    private(set) var streamConnection: Int?
    /// The peer said REFUSED_STREAM: not processed (RFC 9113 section 8.7).
    private(set) var saysRefused = false
    /// Sent a second time by libcurl, as it does with a GET: no word about one stream speaks for both. With a body that is
    /// no matter, for libcurl does so only while nothing of it has left, and a request without its body is not processed.
    private(set) var isResent = false
    private let hasBody: Bool

    init(hasBody: Bool = false) { self.hasBody = hasBody }

    /// What concerns the connection, and so the transfer's neighbours too.
    enum News: Equatable {
        case goAway(GoAway)
        case closed(connection: Int)
    }

    /// Reads one remark.
    mutating func take(_ line: UnsafeRawBufferPointer) -> News? {
        if let number = line.number(after: "Using Stream ID: ") {
            isResent = stream != nil && !hasBody
            saysRefused = false
            stream = number
            streamConnection = connection
        } else if line.starts(with: "Connected to ") || line.starts(with: "Re-using existing connection ") {
            connection = line.number(afterLast: UInt8(ascii: "#"))
        } else if line.starts(with: "REFUSED_STREAM") || line.contains("REFUSED_STREAM (err 7)") {
            saysRefused = !isResent
        } else if line.starts(with: "recveived GOAWAY") || line.starts(with: "received GOAWAY") {
            if let connection, let last = line.number(after: "last_stream=", anywhere: true) {
                let error = line.number(after: "error=", anywhere: true) ?? 0
                return .goAway(GoAway(connection: connection, lastStream: last, error: error))
            }
        } else if line.starts(with: "Closing connection ") {
            if let number = line.number(after: "Closing connection ") { return .closed(connection: number) }
        }
        return nil
    }
}

/// The GOAWAYs of one pool's connections. Bounded: a connection says it once or twice and ends; the oldest is dropped.
final class GoAways {
    private var recent: [HTTP2Notes.GoAway] = []
    private static let maxRecent = 64

    func add(_ goAway: HTTP2Notes.GoAway) {
        if recent.count == Self.maxRecent { recent.removeFirst() }
        recent.append(goAway)
    }

    /// Whether the transfer's only stream lies above what its connection's peer said it would look at.
    func cover(_ notes: HTTP2Notes) -> Bool {
        guard !notes.isResent, let stream = notes.stream, let connection = notes.streamConnection else { return false }
        return recent.contains { $0.connection == connection && $0.lastStream < stream }
    }
}
