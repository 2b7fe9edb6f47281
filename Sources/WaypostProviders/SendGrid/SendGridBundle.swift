import WaypostCore
import WaypostHTTP

/// Many messages in one request: a personalization each, with our ids in its `custom_args`, so that every event names its
/// message. All share one `X-Message-Id`.
extension SendGrid: BundlingProvider {
    /// SendGrid takes 1,000 recipients and personalizations a request; a smaller one is refused and repeated sooner.
    package var largestBundle: Int { 500 }

    /// To one recipient each, and the same in everything but the recipient and a template's variables.
    package func canShareRequest(_ first: Message, _ second: Message) -> Bool {
        guard var one = first.content.email, let two = second.content.email, one.to.count == 1, two.to.count == 1,
            one.cc.isEmpty, one.bcc.isEmpty, two.cc.isEmpty, two.bcc.isEmpty, first.tags == second.tags,
            first.template?.name == second.template?.name, first.template?.providerIDs == second.template?.providerIDs
        else { return false }
        one.to = two.to
        if first.template?.id(at: name, kind: kind.rawValue) != nil {
            // What SendGrid makes of its own template: our rendering of it is not sent.
            one.subject = two.subject
            one.text = two.text
            one.html = two.html
        }
        return one == two
    }

    package func results(of reply: TransportReply, for contexts: [AttemptContext]) -> [ExchangeResult]? {
        // One bad address spoils the whole, and too many good ones can.
        if case .http(let response) = reply, [400, 413].contains(response.status) { return nil }
        return contexts.map { result(of: reply, for: $0) }
    }
}
