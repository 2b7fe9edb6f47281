import WaypostCore
import WaypostHTTP

/// A request that a provider, or somebody who says so, has made by itself.
package struct Callback: Sendable {
    /// What follows the provider's name in the path; nil where nothing does.
    package enum Topic: String, CaseIterable, Sendable { case status, inbound, voice, recording }

    package var topic: Topic?
    /// As it came: target, headers and body byte for byte.
    package var request: HTTPRequest
    /// The URL that was called: `server.public_url`, then the target as it stood on the request line. Never from `Host`.
    package var url: String
    /// How far a signed time may lie off.
    package var tolerance: Duration

    package init(topic: Topic?, request: HTTPRequest, publicURL: String, tolerance: Duration) {
        self.topic = topic
        self.request = request
        url = publicURL + request.target
        self.tolerance = tolerance
    }
}

/// Whether a callback comes from whom it says it does.
package enum CallbackVerdict: Equatable, Sendable {
    case genuine
    /// Why not: for the log alone, the caller is not told. Holds no secret and nothing of the body.
    case refused(String)
    /// It cannot be said without the certificate (PEM) at this URL, which is a trusted one.
    case certificate(url: String)
}

/// What a genuine callback says, and how it is answered once that is kept.
package struct CallbackNews: Sendable {
    package var receipts: [Receipt] = []
    /// A URL that is to be fetched to confirm a subscription that is ours.
    package var confirmation: String?
    /// Something an operator should read in the log.
    package var notice: String?
    package var answer: HTTPResponse

    package init(answer: HTTPResponse) { self.answer = answer }

    /// 200 with a plain word: what most providers want to see.
    package static var ok: CallbackNews {
        CallbackNews(
            answer: HTTPResponse(
                status: 200, headers: HTTPHeaders(["Content-Type": "text/plain; charset=utf-8"]),
                body: Array("OK".utf8)))
    }
}

/// A maker that calls back: proves and reads its own callbacks. Both are pure, and never given a body above the server's
/// bound.
package protocol CallbackSource: Provider {
    /// Methods it may use, e.g. `["POST"]`.
    var callbackMethods: [String] { get }

    /// `certificates`: what was fetched so far, by URL.
    func verdict(on callback: Callback, certificates: [String: [UInt8]], at now: Timestamp) -> CallbackVerdict

    /// Only asked of a genuine callback. What it does not understand it leaves out: makers add events without notice.
    func news(in callback: Callback, at now: Timestamp) -> CallbackNews
}

extension CallbackSource {
    package var callbackMethods: [String] { ["POST"] }
}

/// How one can find out later whether a provider took an attempt whose answer was lost.
package enum Evidence: Equatable, Sendable {
    /// Nobody can tell.
    case none
    /// It tells by itself, with our ids in it, before long.
    case callback
    /// It can be asked: `InquirableProvider`.
    case inquiry
}

/// A maker that can be asked for the message of an attempt whose answer was lost.
package protocol InquirableProvider: Provider {
    /// `endedAt`: when the attempt was given up.
    func inquiry(about context: AttemptContext, endedAt: Timestamp) throws(Failure) -> TransportRequest

    /// What the answer says, which came at `now`.
    func finding(
        in reply: TransportReply, about context: AttemptContext, endedAt: Timestamp, at now: Timestamp
    ) -> InquiryFinding
}

package enum InquiryFinding: Equatable, Sendable {
    /// It has it; its ids of what fits, the best first. One that another attempt of ours owns already does not count.
    case found(references: [String])
    /// It has something that may be it, or another of ours to the same address: it counts where there is just one that no
    /// other attempt owns.
    case perhaps(references: [String])
    /// It knows nothing of it.
    case nothing
    /// It could not be asked, or did not say.
    case unknown(reason: String)
}
