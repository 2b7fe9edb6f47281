import WaypostJSON

/// What became of one provider's callbacks since the start or since the counts were cleared.
package struct CallbackCounts: Equatable, Sendable {
    /// Requests made, repetitions too.
    package var posts = 0
    /// What they told, all together: SendGrid's posts tell many events.
    package var events = 0
    /// Events whose post was answered with 2xx.
    package var accepted = 0
    /// Messages that were told to be delivered and accepted as such, each once.
    package var deliveries = 0
    /// Posts answered with anything but 2xx.
    package var refused = 0
    /// Posts without a connection or an answer.
    package var unanswered = 0
    /// Posts that were made again.
    package var retried = 0
    /// Events given up: refused for good, or too often.
    package var abandoned = 0
    /// Events that were never to be sent, twice, twice under another id, or late.
    package var lost = 0
    package var duplicated = 0
    package var again = 0
    package var reordered = 0
    /// Posts under a wrong signature, and those of them that were answered with 2xx, which none should be.
    package var forged = 0
    package var forgedAccepted = 0
    /// Events that found no place in the queue.
    package var overflowed = 0
    /// Posts to elsewhere than plain HTTP on loopback, which the sandbox does not make.
    package var skipped = 0

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("posts", posts)
            json.member("events", events)
            json.member("accepted", accepted)
            json.member("deliveries", deliveries)
            json.member("refused", refused)
            json.member("unanswered", unanswered)
            json.member("retried", retried)
            json.member("abandoned", abandoned)
            json.member("lost", lost)
            json.member("duplicated", duplicated)
            json.member("again", again)
            json.member("reordered", reordered)
            json.member("forged", forged)
            json.member("forged_accepted", forgedAccepted)
            json.member("overflowed", overflowed)
            json.member("skipped", skipped)
        }
    }
}
