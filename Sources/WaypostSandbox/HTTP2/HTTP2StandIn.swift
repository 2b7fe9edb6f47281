import WaypostHTTP

/// A provider that speaks HTTP/2, where one connection carries many requests at once and is remembered from one to the
/// next.
protocol HTTP2StandIn: HTTPStandIn {
    /// How many streams a connection may have open.
    var streams: StreamLimit.Rules { get }

    /// As `verdict(on:asking:at:)`, for a request that comes after others on its connection.
    func verdict(
        on request: HTTPRequest, asking operation: Operation, at wall: Int64, after memory: inout ConnectionMemory
    ) -> Verdict
}

extension HTTP2StandIn {
    func verdict(
        on request: HTTPRequest, asking operation: Operation, at wall: Int64, after memory: inout ConnectionMemory
    ) -> Verdict {
        verdict(on: request, asking: operation, at: wall)
    }
}

/// What a provider knows of a connection from the requests before.
struct ConnectionMemory: Sendable {
    /// The provider token in use on it, and when that was issued (unix seconds).
    var providerToken: (text: String, issuedAt: Int64)?
}
