import WaypostCore

extension AttemptContext {
    /// Where a provider is to report what became of this attempt, with our ids in the query: a report proves that the
    /// provider took the message, also where its answer was lost.
    func callbackURL(_ name: ProviderName, _ topic: String) -> String {
        "\(publicURL)/webhooks/\(name)/\(topic)?n=\(message.id)&a=\(attempt)"
    }
}
