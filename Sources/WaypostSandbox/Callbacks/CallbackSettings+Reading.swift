import WaypostConfiguration

extension Sandbox.Settings.Callbacks {
    /// The section `callbacks` of `sandbox.yaml`.
    mutating func read(_ section: inout SectionReader) {
        isOn = section.boolean("enabled", default: isOn)
        if let router = Self.url("router", in: &section) { call(router: router) }
        sendGridURL = Self.url("sendgrid_url", in: &section) ?? sendGridURL
        sesURL = Self.url("ses_url", in: &section) ?? sesURL
        twilioInboundURL = Self.url("twilio_inbound_url", in: &section) ?? twilioInboundURL
        messageBirdInboundURL = Self.url("messagebird_inbound_url", in: &section) ?? messageBirdInboundURL
        batchEvents = section.integer("batch_events", default: batchEvents, in: 1...10_000)
        batchDelay = section.duration("batch_delay", default: batchDelay, in: .zero ... .seconds(60))
        sendGridSigningKey = section.secret("sendgrid_signing_key", multiline: true)?.value
        messageBirdSigningKey = section.secret("messagebird_signing_key")?.value ?? messageBirdSigningKey
        messageBirdPosts = section.boolean("messagebird_posts", default: messageBirdPosts)
        topicARN = section.string("sns_topic_arn") ?? topicARN
        signatureVersion = section.integer("sns_signature_version", default: signatureVersion, in: 1...2)
        waitsForConfirmation = section.boolean("wait_for_confirmation", default: waitsForConfirmation)
        capacity = section.integer("capacity", default: capacity, in: 1...10_000_000)
        transport.read(&section)
        section.finish()
    }

    private static func url(_ key: String, in section: inout SectionReader) -> String? {
        guard let text = section.string(key) else { return nil }
        guard LoopbackURL(text) != nil else {
            section.complain(
                key, "\"\(text)\" is not on this machine", wayOut: "write one like http://127.0.0.1:8080")
            return nil
        }
        return text
    }
}

extension CallbackTransport {
    fileprivate mutating func read(_ section: inout SectionReader) {
        let spans = Duration.zero...Duration.seconds(600)
        let least = section.duration("delay_min", default: delay.lowerBound, in: spans)
        let most = section.duration("delay_max", default: max(least, delay.upperBound), in: spans)
        if most < least { section.complain("delay_max", "is below delay_min", wayOut: "write them the other way") }
        delay = least...max(least, most)
        loss = section.number("loss", default: loss, in: 0...1)
        duplicate = section.number("duplicate", default: duplicate, in: 0...1)
        again = section.number("again", default: again, in: 0...1)
        reorder = section.number("reorder", default: reorder, in: 0...1)
        reorderDelay = section.duration("reorder_delay", default: reorderDelay, in: spans)
        forge = section.number("forge", default: forge, in: 0...1)
        retries = section.integer("retries", default: retries, in: 0...20)
        retryDelay = section.duration("retry_delay", default: retryDelay, in: spans)
        seed = section.integer("seed", in: 0...Int.max).map { UInt64($0) } ?? seed
    }
}
