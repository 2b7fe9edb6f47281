import Testing
import WaypostJSON
import WaypostTesting

@testable import waypost

@Suite struct ClientTests {
    private static let answer = "HTTP/1.1 202 Accepted\r\nContent-Length: 12\r\n\r\n{\"id\":\"msg\"}"

    /// A router that breaks off that many times before it answers, and what it read.
    private func router(breaksOff times: Int) throws -> (listener: LoopbackListener, heads: Heads) {
        let heads = Heads()
        let listener = try LoopbackListener { stream, number in
            let head = try stream.read(through: "\r\n\r\n")
            _ = try stream.read(count: 2)
            heads.add(head)
            if number > times { stream.send(Self.answer) }
        }
        return (listener, heads)
    }

    private func post(_ listener: LoopbackListener, key: String?) throws -> Client.Answer {
        let client = try Client(url: "http://127.0.0.1:\(listener.port)/", token: "tok")
        return try client.change("POST", "/v1/messages", body: .init(.object([])), key: key)
    }

    @Test func `a broken connection is asked again once under the same key`() throws {
        let (listener, heads) = try router(breaksOff: 1)
        defer { listener.stop() }
        #expect(try post(listener, key: "k-1").json["id"] == "msg")
        #expect(heads.all.count == 2)
        #expect(heads.all.allSatisfy { $0.contains("Idempotency-Key: k-1\r\n") && $0.contains("Bearer tok\r\n") })
        #expect(heads.all[0].hasPrefix("POST /v1/messages HTTP/1.1"))
    }

    @Test func `one that breaks twice names the key to ask again with`() throws {
        let (listener, heads) = try router(breaksOff: 2)
        defer { listener.stop() }
        let failure = #expect(throws: ClientFailure.self) { try post(listener, key: "k-2") }
        #expect(failure?.line.contains("--idempotency-key k-2") == true)
        #expect(heads.all.count == 2)
    }

    @Test func `without a key nothing is sent twice`() throws {
        let (listener, heads) = try router(breaksOff: 1)
        defer { listener.stop() }
        #expect(throws: ClientFailure.self) { try post(listener, key: nil) }
        #expect(heads.all.count == 1)
    }

    @Test func `where nobody listens the line says where it was looked`() throws {
        let listener = try LoopbackListener { _, _ in }
        let port = listener.port
        listener.stop()
        let client = try Client(url: "http://127.0.0.1:\(port)")
        let failure = #expect(throws: ClientFailure.self) { try client.get("/v1/providers") }
        #expect(failure?.line.hasPrefix("no router answers at http://127.0.0.1:\(port) (") == true)
        #expect(failure?.passes == true)
    }

    @Test func `who leaves does not wait for the answer`() throws {
        let listener = try LoopbackListener { stream, _ in _ = try stream.read(through: "never") }
        let client = try Client(url: "http://127.0.0.1:\(listener.port)", isInterrupted: { true })
        #expect(throws: ClientFailure.interrupted) { try client.get("/v1/events") }
        listener.stop()
    }

    @Test(
        arguments: [
            (nil, [:], "http://127.0.0.1:8080"), (nil, ["WAYPOST_URL": "http://a:1"], "http://a:1"),
            ("http://b:2/", ["WAYPOST_URL": "http://a:1"], "http://b:2"),
            (nil, ["WAYPOST_URL": ""], "http://127.0.0.1:8080"),
        ] as [(String?, [String: String], String)])
    func `an option goes before the variable`(url: String?, environment: [String: String], asked: String) throws {
        let options = try ClientOptions.parse(url.map { ["--url", $0] } ?? [])
        #expect(try options.client(environment: environment).url == asked)
    }
}
