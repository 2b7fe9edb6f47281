extension Sandbox.Settings {
    /// Whom the stand-ins call back, and with which keys. Twilio and MessageBird learn their URLs with each message; SendGrid
    /// and SES call a URL of the account's.
    package struct Callbacks: Equatable, Sendable {
        /// False silences them all.
        package var isOn = true
        /// SendGrid's Event Webhook; nil: it tells nothing.
        package var sendGridURL: String?
        /// The HTTP subscription to SES's topic; nil: it tells nothing.
        package var sesURL: String?
        /// Where inbound messages go; nil: beside the status callback that a message named last.
        package var twilioInboundURL: String?
        package var messageBirdInboundURL: String?

        /// A SendGrid post carries at most so many events, 1 to 10,000.
        package var batchEvents = 500
        /// The first event of a post waits at most so long for more. SendGrid's own waits up to 30 seconds.
        package var batchDelay: Duration = .milliseconds(100)
        /// PKCS#8 in PEM, P-256: SendGrid's signing key, in place of one made at start.
        package var sendGridSigningKey: String?
        package var messageBirdSigningKey = "sandbox-signing-key-0123456789ab"
        /// MessageBird's reports for text messages as POST, which some accounts have, in place of GET.
        package var messageBirdPosts = false
        package var topicARN = "arn:aws:sns:us-east-1:000000000000:waypost-sandbox"
        /// SNS's SignatureVersion: 1 is SHA-1, 2 is SHA-256.
        package var signatureVersion = 2
        /// As SNS does: notifications wait until the subscription is confirmed.
        package var waitsForConfirmation = false

        /// How callbacks travel, until the control API says otherwise.
        package var transport = CallbackTransport()
        /// Callbacks under way at most; further ones are given up and counted.
        package var capacity = 200_000
        package init() {}

        /// All URLs of a router at that address, whose providers are called as in `configuration(authorityFile:)`.
        package mutating func call(router: String) {
            let base = router.hasSuffix("/") ? String(router.dropLast()) : router
            sendGridURL = "\(base)/webhooks/sendgrid"
            sesURL = "\(base)/webhooks/ses"
            twilioInboundURL = "\(base)/webhooks/twilio/inbound"
            messageBirdInboundURL = "\(base)/webhooks/messagebird/inbound"
        }
    }
}

/// How callbacks travel: late, twice, out of order, not at all, as all providers warn of. All chances come from one seed.
package struct CallbackTransport: Equatable, Sendable {
    /// Between what happened and its callback; a step of a message comes after the step before.
    package var delay: ClosedRange<Duration> = .milliseconds(20) ... .milliseconds(60)
    /// Never sent.
    package var loss = 0.0
    /// Sent twice, with the same ids.
    package var duplicate = 0.0
    /// Sent twice, the second time under a new id, where the provider has ids for what it tells (SendGrid, SNS).
    package var again = 0.0
    /// Held back for `reorderDelay`, so that what comes after it arrives first.
    package var reorder = 0.0
    package var reorderDelay: Duration = .milliseconds(500)
    /// Accompanied by another that says the same under a wrong signature, and must be refused.
    package var forge = 0.0
    /// After an answer that is not 2xx, or none: sent again so often at most.
    package var retries = 5
    /// Before the first repetition; doubled for each further one.
    package var retryDelay: Duration = .milliseconds(250)
    package var seed: UInt64 = 1
    package init() {}

    /// What makes it impossible; nil when it is possible.
    var problem: String? {
        for (name, share) in [
            ("loss", loss), ("duplicate", duplicate), ("again", again), ("reorder", reorder), ("forge", forge),
        ] where !(0...1).contains(share) { return "\(name) must be 0 to 1" }
        let spans = [delay.lowerBound, delay.upperBound, reorderDelay, retryDelay]
        guard spans.allSatisfy({ $0 >= .zero && $0 <= .seconds(600) }) else { return "a delay must be 0 to 600000 ms" }
        return (0...20).contains(retries) ? nil : "retries must be 0 to 20"
    }
}
