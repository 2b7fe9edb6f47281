import Synchronization
import Testing
import WaypostCore
import WaypostHTTP
import WaypostTesting

@testable import WaypostServer

@Suite struct PendingResponseTests {
    let putOff = PutOff()

    @Test func `a promised answer comes when it is given, and the connection goes on`() throws {
        let server = try serve(handler: putOff.handler)
        let client = try server.client()
        for number in 1...3 {
            client.sendGet("/")
            let pending = try #require(putOff.next())
            #expect(server.suspendedConnections == 1)
            pending.send(.text("late \(number)", status: 202))
            let answer = try client.readMessage()
            #expect(answer.status == 202)
            #expect(answer.text == "late \(number)")
        }
        #expect(server.suspendedConnections == 0)
    }

    @Test func `one that waits keeps no other from its answer`() throws {
        let server = try serve(changing: { $0.threads = 1 }) { [putOff] in
            $0.path == "/wait" ? putOff.handler($0) : echo($0)
        }
        let waiting = try server.client(), other = try server.client()
        waiting.sendGet("/wait")
        let pending = try #require(putOff.next())
        other.sendGet("/other")
        #expect(try other.readMessage().text == "GET /other ")
        pending.send(.text("at last"))
        #expect(try waiting.readMessage().text == "at last")
    }

    @Test func `an answer given before the handler has returned counts`() throws {
        let server = try serve { _ in .later { $0.send(.text("at once")) } }
        let client = try server.client()
        for _ in 1...50 {
            client.sendGet("/")
            #expect(try client.readMessage().text == "at once")
        }
    }

    @Test func `an answer that is dropped becomes 500`() throws {
        let server = try serve { _ in .later { _ in } }
        let client = try server.client()
        client.sendGet("/")
        let answer = try client.readMessage()
        #expect(answer.status == 500)
        #expect(answer.text == "internal")
        #expect(server.suspendedConnections == 0)
    }

    @Test func `only the first answer counts, and a stale one does not meet the next request`() throws {
        let server = try serve(handler: putOff.handler)
        let client = try server.client()
        client.sendGet("/1")
        let first = try #require(putOff.next())
        first.send(.text("first"))
        first.send(.text("again"))
        #expect(try client.readMessage().text == "first")
        client.sendGet("/2")
        let second = try #require(putOff.next())
        first.send(.text("stale"))
        #expect(client.isSilent(milliseconds: 50))
        second.send(.text("second"))
        #expect(try client.readMessage().text == "second")
    }

    @Test func `a client that leaves while it waits takes nothing down`() async throws {
        let server = try serve(handler: putOff.handler)
        for isReset in [false, true] {
            let client = try server.client()
            client.sendGet("/")
            let pending = try #require(putOff.next())
            isReset ? client.reset() : client.close()
            pending.send(.text(String(repeating: "x", count: 1_000_000)))
            #expect(try await eventually { server.openConnections == 0 })
        }
        let client = try server.client()
        client.sendGet("/")
        try #require(putOff.next()).send(.text("still here"))
        #expect(try client.readMessage().text == "still here")
    }

    @Test func `many that wait are each given their own answer, from many threads`() throws {
        let waiting = Mutex<[(String, PendingResponse)]>([])
        let server = try serve { request in
            .later { response in waiting.withLock { $0.append((request.target, response)) } }
        }
        let clients = try (0..<100).map { _ in try server.client() }
        let rounds = 5
        for round in 0..<rounds {
            for (number, client) in clients.enumerated() { client.sendGet("/\(round)/\(number)") }
            let threads = (0..<4).map { thread in
                WorkerThread(name: "answers") {
                    for _ in 0..<25 {
                        var next: (String, PendingResponse)?
                        while next == nil { next = waiting.withLock { $0.popLast() } }
                        if let (target, response) = next { response.send(.text(target)) }
                    }
                }
            }
            threads.forEach { $0.join() }
            for (number, client) in clients.enumerated() {
                #expect(try client.readMessage().text == "/\(round)/\(number)")
            }
        }
        #expect(server.suspendedConnections == 0)
    }

    @Test func `a server that stops answers all who wait`() throws {
        let server = try serve(handler: putOff.handler)
        let clients = try (0..<50).map { _ in try server.client() }
        clients.forEach { $0.sendGet("/") }
        let pending = try clients.map { _ in try #require(putOff.next()) }
        server.stop(abandoned: .text("going", status: 503))
        for client in clients {
            let answer = try client.readMessage()
            #expect(answer.status == 503)
            #expect(answer.text == "going")
            #expect(answer.headers["Connection"] == "close")
            #expect(client.readToEnd().end == .closed)
        }
        pending.forEach { $0.send(.text("too late")) }
    }

    @Test func `answers that race with the stop neither hang nor abort`() throws {
        for _ in 0..<20 {
            let putOff = PutOff()
            let server = try serve(handler: putOff.handler)
            let clients = try (0..<10).map { _ in try server.client() }
            clients.forEach { $0.sendGet("/") }
            let pending = try clients.map { _ in try #require(putOff.next()) }
            clients.forEach { $0.sendGet("/next") }  // pipelined: may come to a handler amid the stop
            let thread = WorkerThread(name: "answers") { pending.forEach { $0.send(.text("answer")) } }
            server.stop(abandoned: .text("going", status: 503))
            thread.join()
            for client in clients { #expect([200, 503].contains(try client.readMessage().status)) }
        }
    }

    @Test func `a server that is let go while somebody waits stops by itself`() throws {
        var server: HTTPServer? = try serve(handler: putOff.handler)
        let client = try #require(try server?.client())
        client.sendGet("/")
        let pending = try #require(putOff.next())
        server = nil
        #expect(try client.readMessage().status == 503)
        pending.send(.text("too late"))
    }
}
