/// Gathers a body up to a limit; what comes beyond it is counted and thrown away.
struct RequestBody {
    /// Room set aside on the word of Content-Length alone, before any byte came.
    private static let trustedReserve = 256 * 1024
    /// How far a body may run past the limit before the connection is cut without an answer, at least.
    private static let tolerance = 1024 * 1024

    private(set) var bytes: [UInt8] = []
    private let limit: Int
    private var excess = 0

    /// - Parameters:
    ///   - limit: bytes taken at most.
    ///   - expected: what Content-Length announced, if anything.
    init(limit: Int, expected: Int?) {
        self.limit = limit
        if let expected, expected > 0 { bytes.reserveCapacity(min(expected, Self.trustedReserve)) }
    }

    /// Only a chunked body can come to this; an announced one was refused before.
    var isTooLarge: Bool { excess > 0 }

    /// - Returns: false when the sender has been told nothing for too long and is to be cut off.
    mutating func append(_ piece: UnsafeRawBufferPointer) -> Bool {
        if excess == 0 && bytes.count + piece.count <= limit {
            bytes.append(contentsOf: piece)
            return true
        }
        excess += piece.count
        bytes = []
        return excess <= max(limit, Self.tolerance)
    }
}
