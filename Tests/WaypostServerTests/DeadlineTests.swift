import Testing
import WaypostHTTP
import WaypostTesting

@testable import WaypostServer

@Suite struct DeadlineTests {
    /// Sends byte after byte until nobody takes it any more.
    /// - Returns: how long that took; nil when all went through.
    private func trickle(_ text: String, to client: LoopbackStream) async throws -> Duration? {
        let start = ContinuousClock.now
        for byte in text.utf8 {
            guard client.send([byte]), client.isSilent(milliseconds: 1) else { return .now - start }
            try await Task.sleep(for: .milliseconds(20))
        }
        return nil
    }

    /// A request that takes its time: seconds, at fifty bytes a second.
    private let slowHead = "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 1000))"

    @Test func `a head that comes too slowly is cut off, though bytes keep coming`() async throws {
        let server = try serve(changing: { $0.requestTimeout = .milliseconds(300) })
        let client = try server.client()
        let time = try #require(try await trickle(slowHead, to: client))
        #expect(time >= .milliseconds(250))
        #expect(try await eventually { server.openConnections == 0 })
    }

    @Test func `a body that comes too slowly is cut off`() async throws {
        let server = try serve(changing: { $0.requestTimeout = .milliseconds(300) })
        let client = try server.client()
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n")
        #expect(try await trickle(String(repeating: "x", count: 899), to: client) != nil)
        #expect(try await eventually { server.openConnections == 0 })
    }

    @Test func `the second request on a connection has a deadline too, from its first byte`() async throws {
        let server = try serve(changing: { $0.requestTimeout = .milliseconds(500) })
        let client = try server.client()
        client.sendGet("/")
        #expect(try client.readMessage().status == 200)
        #expect(try await trickle(slowHead, to: client) != nil)
        #expect(try await eventually { server.openConnections == 0 })
    }

    @Test func `an idle connection and a silent newcomer are closed`() async throws {
        let server = try serve(changing: { $0.requestTimeout = .milliseconds(300) })
        let idle = try server.client(), silent = try server.client()
        idle.sendGet("/")
        #expect(try idle.readMessage().status == 200)
        #expect(idle.readToEnd() == ("", .closed))
        #expect(silent.readToEnd() == ("", .closed))
    }

    @Test func `a request that waits for its answer has no deadline`() async throws {
        let putOff = PutOff()
        let server = try serve(changing: { $0.requestTimeout = .milliseconds(100) }, handler: putOff.handler)
        let client = try server.client()
        client.sendGet("/")
        let pending = try #require(putOff.next())
        #expect(client.isSilent(milliseconds: 1300))
        pending.send(.text("worth it"))
        #expect(try client.readMessage().text == "worth it")
    }

    // MARK: The values behind it

    private let start = Moment(nanoseconds: 0)
    private let limit = Duration.seconds(10)

    private func isOver(_ phase: Phase, at moment: Moment) -> Bool {
        var phase = phase
        return phase.expire(at: moment)
    }

    @Test func `a phase expires once, at its moment`() {
        var phase = Phase.receiving(until: start + limit)
        #expect(!isOver(phase, at: start + .milliseconds(9_999)))
        #expect(isOver(phase, at: start + limit))
        _ = phase.expire(at: start + limit)
        #expect(!isOver(phase, at: start + .seconds(11)))
        let isInTime = phase.complete()
        #expect(!isInTime)
    }

    @Test func `the deadline counts from the first sign of a request, not from the last`() {
        var phase = Phase.idle(since: start)
        phase.heard(at: start + .milliseconds(10), limit: limit)  // within the slack of two clocks
        #expect(phase.isIdle)
        phase.heard(at: start + .seconds(1), limit: limit)
        phase.begin(at: start + .seconds(5), limit: limit)
        phase.heard(at: start + .seconds(6), limit: limit)
        #expect(!isOver(phase, at: start + .milliseconds(10_999)))
        #expect(isOver(phase, at: start + .seconds(11)))
    }

    @Test func `a long answer has longer to leave`() {
        var phase = Phase.answering
        phase.send(bytes: 4096 * 30, at: start, limit: limit)
        #expect(!isOver(phase, at: start + .seconds(39)))
        #expect(isOver(phase, at: start + .seconds(40)))
    }

    @Test func `what is answered or idle never expires`() {
        for phase in [Phase.idle(since: start), .answering, .answered(HTTPResponse(status: 200)), .cut] {
            #expect(!isOver(phase, at: start + .seconds(100_000)))
        }
    }
}
