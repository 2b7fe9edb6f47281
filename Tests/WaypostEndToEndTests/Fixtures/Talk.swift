import Synchronization
import Testing
import WaypostJSON
import WaypostSandbox

/// What tests ask of a router, in a line each.
extension Wire {
    /// Sends one email and returns its id. `more` are further members of the body, beginning with a comma.
    func send(
        to address: String? = nil, more: String = "", key: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        let reply = try post(
            "/v1/messages", Letter.body(to: address, more: more), key.map { ["Idempotency-Key": $0] } ?? [:])
        #expect(reply.status == 202, "\(reply)", sourceLocation: sourceLocation)
        return try #require(reply["id"]?.string, "\(reply)", sourceLocation: sourceLocation)
    }

    func message(_ id: String) throws -> JSONValue { try get("/v1/messages/\(id)").json }
    func status(of id: String) throws -> String? { try message(id)["status"]?.string }
    func metrics() throws -> Scrape {
        try settle()
        return Scrape(try get("/metrics").text)
    }

    /// Goes once through the thread that commits, changing nothing. Whoever reads the store may see a state a moment before it
    /// is counted and told of; from here on both have happened.
    func settle() throws { _ = try ask("DELETE", "/v1/overrides/ovr_\(String(repeating: "0", count: 26))") }

    /// Waits until the message is in that state.
    func wait(
        for id: String, toBe state: String, within limit: Duration = .seconds(20),
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        var last: String?
        try eventually("\(id) is \(state)", within: limit, sourceLocation: sourceLocation) {
            last = try status(of: id)
            return last == state
        }
        #expect(last == state, sourceLocation: sourceLocation)
        try settle()
    }

    /// What the provider's entry of `GET /v1/providers` says.
    func provider(_ name: String) throws -> JSONValue? {
        try get("/v1/providers")["data"]?.array?.first { $0["name"]?.string == name }
    }

    /// The state of a provider's breaker for a channel; for the first that it carries where none is named.
    func breaker(of name: String, on channel: String? = nil) throws -> String? {
        let breakers = try provider(name)?["breakers"]?.array
        return breakers?.first { channel == nil || $0["channel"]?.string == channel }?["state"]?.string
    }

    /// All that explain says of the candidates, round by round, like `fcm unable`.
    func verdicts(on id: String) throws -> [String] {
        try considered(for: id).map { "\($0["provider"]?.string ?? "?") \($0["verdict"]?.string ?? "?")" }
    }

    /// Why candidates were passed over, where explain says more than a word.
    func reasons(for id: String) throws -> [String] { try considered(for: id).compactMap { $0["detail"]?.string } }

    private func considered(for id: String) throws -> [JSONValue] {
        let rounds = try get("/v1/messages/\(id)/explain")["rounds"]?.array ?? []
        return rounds.flatMap { $0["considered"]?.array ?? [] }
    }
}

/// Emails to send.
enum Letter {
    private static let next = Atomic<Int>(1)

    /// An address that nobody was written to before, so that no recipient's limit is in the way.
    static func address() -> String {
        "person-\(next.wrappingAdd(1, ordering: .relaxed).oldValue)@example.com"
    }

    static func body(to address: String? = nil, more: String = "") -> String {
        """
        {"channel":"email","to":"\(address ?? Self.address())","content":{"subject":"Hello","text":"It works."}\(more)}
        """
    }
}

extension JSONValue {
    /// Its attempts' providers and outcomes, in order, like `sendgrid unavailable`.
    var attempts: [String] {
        (self["attempts"]?.array ?? []).map {
            "\($0["provider"]?.string ?? "?") \($0["outcome"]?.string ?? "under way")"
        }
    }
    /// Its events' types, in order.
    var eventTypes: [String] { (self["events"]?.array ?? []).compactMap { $0["type"]?.string } }
}

extension Fault {
    /// One that strikes only what sends, and leaves health checks alone.
    static func sends(
        _ provider: StandIn, _ effect: Effect, delay: Duration = .zero, count: Int? = nil, for span: Duration? = nil
    ) -> Fault {
        var fault = Fault(provider, effect, delay: delay, count: count, for: span)
        fault.only = .send
        return fault
    }
}

extension Sandbox {
    /// How often the providers took that message.
    func copies(of id: String) -> Int { takes(of: id).count }

    func takes(of id: String) -> [JournalEntry] {
        journal.entries(limit: 1_000_000).filter { $0.isTaken && $0.message == id }
    }

    /// All that was asked about that message, taken or not.
    func requests(for id: String) -> [JournalEntry] { journal.entries(limit: 1_000_000).filter { $0.message == id } }
}
