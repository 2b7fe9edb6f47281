import WaypostCore

extension String? {
    /// An idempotency key that nobody has used.
    static var newKey: String? { "cli-\(ULID(at: SystemTime().wallNow))" }
}
