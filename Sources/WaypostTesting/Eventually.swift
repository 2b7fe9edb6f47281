/// Waits for what other threads bring about, twenty seconds at most; false when it did not come.
package func eventually(_ isTrue: () -> Bool) async throws -> Bool {
    for _ in 0..<2000 {
        if isTrue() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return false
}
