import WaypostHTTP
import WaypostJSON

/// A provider as it is when it is well: it checks a request as strictly as the provider does and says what it deserves.
protocol HTTPStandIn: Sendable {
    var provider: StandIn { get }

    /// What the request line asks for, before anything is checked.
    func operation(_ method: String, _ path: Substring) -> Operation

    /// Checks and answers. Nothing is taken by this alone: a fault may still decide otherwise.
    func verdict(on request: HTTPRequest, asking operation: Operation, at wall: Int64) -> Verdict

    /// An answer in the provider's own form of an error.
    func failure(_ answer: Fault.Answer) -> HTTPResponse

    /// The same, where the provider's APIs differ in their form.
    func failure(_ answer: Fault.Answer, to operation: Operation) -> HTTPResponse

    /// Adds what the provider puts on every answer.
    func finish(_ response: inout HTTPResponse, at wall: Int64)

    /// Told what was taken after all, before the answer leaves; for look-ups.
    func keep(_ resource: JSONValue, as reference: String, at wall: Int64)
}

extension HTTPStandIn {
    func failure(_ answer: Fault.Answer, to operation: Operation) -> HTTPResponse { failure(answer) }
    func keep(_ resource: JSONValue, as reference: String, at wall: Int64) {}
}

/// What a request asks a stand-in to do.
struct Operation: Equatable, Sendable {
    /// For the journal: `mail.send`.
    let name: String
    /// Whether it is the one that sends messages.
    var sends = false
}

/// What a request deserves.
struct Verdict: Equatable, Sendable {
    var response: HTTPResponse
    /// Whether the messages count as taken when the answer stands.
    var isAccepted = false
    /// The messages found in it, accepted or not.
    var takes: [Take] = []
    /// The stand-in's id for what it takes.
    var reference: String?
    /// What a later look-up will find once the messages are taken.
    var resource: JSONValue?
    /// What callbacks will speak of once the messages are taken.
    var order: TakenOrder?
}
