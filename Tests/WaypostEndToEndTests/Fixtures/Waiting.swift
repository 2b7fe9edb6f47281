import Glibc
import Testing

/// Waits until something holds, looking every few milliseconds; records an issue when it still does not after `limit`.
///
/// The limit is generous, since it costs nothing while all is well: the machine may be busy with other things.
@discardableResult
func eventually(
    _ what: String, within limit: Duration = .seconds(20), sourceLocation: SourceLocation = #_sourceLocation,
    _ holds: () throws -> Bool
) throws -> Bool {
    let end = ContinuousClock.now + limit
    repeat {
        if try holds() { return true }
        usleep(4_000)
    } while ContinuousClock.now < end
    if try holds() { return true }
    Issue.record("not within \(limit): \(what)", sourceLocation: sourceLocation)
    return false
}

/// How long something takes.
func duration<Value>(of body: () throws -> Value) rethrows -> (Value, Duration) {
    let start = ContinuousClock.now
    let value = try body()
    return (value, ContinuousClock.now - start)
}
