import Synchronization
import Testing
import WaypostCore
import WaypostHTTP
import WaypostTesting

@testable import WaypostServer

@Suite struct LimitTests {
    @Test func `a body of exactly the limit is taken`() throws {
        let server = try serve()
        let client = try server.client()
        let body = String(repeating: "x", count: 1000)
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n\(body)")
        #expect(try client.readMessage().text == "POST / \(body)")
    }

    @Test func `an announced body over the limit is refused, and the client can read it while still sending`() throws {
        let server = try serve()
        let client = try server.client()
        let body = String(repeating: "x", count: 1_000_000)
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
        client.send(body)
        let answer = try client.readMessage()
        #expect(answer.status == 413)
        #expect(answer.text == "too_large")
        #expect(answer.headers["Connection"] == "close")
        #expect(client.readToEnd().end == .closed)
    }

    @Test(arguments: [
        ("/list/a?b", 3000, true), ("/list/a", 3001, false), ("/other", 1001, false), ("/lis", 1001, false),
    ])
    func `a body may be larger at some paths`(target: String, bytes: Int, isTaken: Bool) throws {
        let server = try serve(changing: { $0.largerBodies = [.init(prefix: "/list/", bytes: 3000)] })
        let client = try server.client()
        client.send("POST \(target) HTTP/1.1\r\nHost: a\r\nContent-Length: \(bytes)\r\n\r\n")
        client.send(String(repeating: "x", count: bytes))
        #expect(try client.readMessage().status == (isTaken ? 200 : 413))
    }

    @Test func `a path's bound below the usual one is of no effect`() throws {
        let server = try serve(changing: { $0.largerBodies = [.init(prefix: "/list/", bytes: 10)] })
        let client = try server.client()
        client.send("POST /list/a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
        client.send(String(repeating: "x", count: 1000))
        #expect(try client.readMessage().status == 200)
    }

    @Test(arguments: ["Content-Length: 3000", "Transfer-Encoding: chunked"])
    func `larger bodies share a room, which comes back with the answer`(
        framing: String
    ) async throws {
        let server = try serve(changing: {
            $0.largerBodies = [.init(prefix: "/list/", bytes: 3000)]
            $0.largerBodyRoom = 5000
        })
        let head = "POST /list/a HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n"
        let isChunked = framing.hasPrefix("T")
        let body = isChunked ? "1\r\nx\r\n0\r\n\r\n" : String(repeating: "x", count: 3000)
        let first = try server.client()
        first.send(head)
        first.send(String(body.prefix(1)))
        // Refused while the first is under way; the room is taken when the server has read the first one's head.
        #expect(try await eventually { Self.status(of: head, body, at: server) == 503 })
        let small = try server.client()
        small.send("POST /list/a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
        small.send(String(repeating: "x", count: 1000))
        #expect(try small.readMessage().status == 200, "one of the usual size needs none")
        first.send(String(body.dropFirst()))
        #expect(try first.readMessage().status == 200)
        #expect(try await eventually { Self.status(of: head, body, at: server) == 200 })
    }

    @Test func `the room of a body that never came whole comes back`() async throws {
        let server = try serve(changing: {
            $0.largerBodies = [.init(prefix: "/list/", bytes: 3000)]
            $0.largerBodyRoom = 5000
            $0.requestTimeout = .milliseconds(500)
        })
        let head = "POST /list/a HTTP/1.1\r\nHost: a\r\nContent-Length: 3000\r\n\r\n"
        for _ in 0..<3 {
            let broken = try server.client()
            broken.send(head)
            broken.close()
        }
        let body = String(repeating: "x", count: 3000)
        #expect(try await eventually { Self.status(of: head, body, at: server) == 200 })
    }

    private static func status(of head: String, _ body: String, at server: HTTPServer) -> Int? {
        guard let client = try? server.client() else { return nil }
        client.send(head)
        client.send(body)
        return try? client.readMessage().status
    }

    @Test func `a body in chunks over the limit is refused`() throws {
        let server = try serve()
        let client = try server.client()
        client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in 0..<3 { client.send("190\r\n\(String(repeating: "x", count: 400))\r\n") }
        client.send("0\r\n\r\n")
        #expect(try client.readMessage().status == 413)
        #expect(client.readToEnd().end == .closed)
    }

    @Test func `a body in chunks that never ends is cut off`() throws {
        let server = try serve()
        let client = try server.client()
        client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        let chunk = "10000\r\n\(String(repeating: "x", count: 65536))\r\n"
        var sent = 0
        while sent < 1000, client.send(chunk) { sent += 1 }
        #expect(sent < 1000)
        #expect(client.readToEnd().end != .silent)
    }

    @Test(arguments: [
        ("a long target", "GET /\(String(repeating: "x", count: 9000)) HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        ("a target beyond all memory", "GET /\(String(repeating: "x", count: 40000)) HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        ("many fields", "GET / HTTP/1.1\r\nHost: a\r\n\(String(repeating: "A: b\r\n", count: 100))\r\n", 431),
        ("long fields", "GET / HTTP/1.1\r\nHost: a\r\nA: \(String(repeating: "x", count: 17000))\r\n\r\n", 431),
        ("fields beyond all memory", "GET / HTTP/1.1\r\nA: \(String(repeating: "x", count: 40000))\r\n\r\n", 431),
    ])
    func `a head that is too large is refused`(_: String, request: String, status: Int) throws {
        let server = try serve()
        let client = try server.client()
        client.send(request)
        #expect(try client.readMessage().status == status)
        #expect(client.readToEnd().end == .closed)
    }

    @Test func `ninety-nine fields beside Host are welcome`() throws {
        let server = try serve()
        let client = try server.client()
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\(String(repeating: "A: b\r\n", count: 99))\r\n")
        #expect(try client.readMessage().status == 200)
    }

    @Test func `newcomers beyond the limit wait until somebody leaves`() throws {
        let server = try serve(changing: { $0.maxConnections = 2 })
        let clients = try (0..<3).map { _ in try server.client() }
        for client in clients[..<2] {
            client.sendGet("/in")
            #expect(try client.readMessage().text == "GET /in ")
        }
        clients[2].sendGet("/patient")
        #expect(clients[2].isSilent(milliseconds: 100))
        clients[0].close()
        #expect(try clients[2].readMessage().text == "GET /patient ")
    }

    @Test(arguments: [1, 2])
    func `a crowd that comes and goes at the limit is served to the last, and the server stops`(limit: Int) throws {
        let server = try serve(changing: { $0.maxConnections = limit })
        let served = Atomic(0)
        let threads = (0..<4).map { _ in
            WorkerThread(name: "crowd") {
                for _ in 0..<100 {
                    guard let client = try? server.client() else { return }
                    client.sendGet("/in")
                    if (try? client.readMessage())?.text == "GET /in " { served.add(1, ordering: .relaxed) }
                }
            }
        }
        threads.forEach { $0.join() }
        #expect(served.load(ordering: .relaxed) == 400)
        server.stop(abandoned: HTTPResponse(status: 503))
    }

    @Test func `newcomers beyond the limit for their address are closed unheard`() async throws {
        let server = try serve(changing: { $0.maxConnectionsPerAddress = 2 })
        let clients = try (0..<2).map { _ in try server.client() }
        for client in clients {
            client.sendGet("/in")
            #expect(try client.readMessage().text == "GET /in ")
        }
        #expect(try server.client().readToEnd().text == "")
        #expect(server.openConnections == 2)
        clients[0].close()
        #expect(try await eventually { server.openConnections == 1 })
        let next = try server.client()
        next.sendGet("/in")
        #expect(try next.readMessage().text == "GET /in ")
    }

    @Test func `the file limit is shared out with room for others`() {
        let enough = DescriptorBudget(wanted: 1000, claimed: 0, soft: 1024, hard: 100_000)
        #expect(enough.granted == 1000 && enough.softLimit == 1512 && enough.note == nil)
        let scarce = DescriptorBudget(wanted: 1000, claimed: 100, soft: 1024, hard: 1024)
        #expect(scarce.granted == 1024 - 256 - 100)
        #expect(scarce.softLimit == 1024)
        #expect(scarce.note?.contains("limited to 668 instead of 1000") == true)
        #expect(DescriptorBudget(wanted: 10, claimed: 5000, soft: 1024, hard: 1024).granted == 1)
    }
}
