import WaypostHTTP

/// What a handler says to a request: the answer, or that it comes later.
package enum HTTPAnswer: Sendable {
    case now(HTTPResponse)
    /// The connection is suspended first; then the closure gets the means to answer, from any thread, once.
    ///
    /// The closure runs on a worker thread of the server and must not block.
    case later(@Sendable (PendingResponse) -> Void)
}
