import Testing
import WaypostHTTP
import WaypostTesting

@testable import WaypostServer

@Suite struct KeepAliveTests {
    @Test func `one connection carries one request after the other`() throws {
        let server = try serve()
        let client = try server.client()
        for number in 1...5 {
            client.sendGet("/\(number)")
            let answer = try client.readMessage()
            #expect(answer.firstLine == "HTTP/1.1 200 OK")
            #expect(answer.text == "GET /\(number) ")
            #expect(answer.headers["Connection"] == nil)
        }
        #expect(server.openConnections == 1)
    }

    @Test func `pipelined requests are answered in their order`() throws {
        let server = try serve()
        let client = try server.client()
        client.send(
            (1...20).map { "POST /\($0) HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody" }.joined())
        for number in 1...20 { #expect(try client.readMessage().text == "POST /\(number) body") }
    }

    @Test func `pipelined requests that wait are answered in their order`() throws {
        let putOff = PutOff()
        let server = try serve(handler: putOff.handler)
        let client = try server.client()
        client.send(String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: 3))
        for number in 1...3 {
            let pending = try #require(putOff.next())
            #expect(server.suspendedConnections == 1)
            pending.send(.text("\(number)"))
            #expect(try client.readMessage().text == "\(number)")
        }
    }

    @Test func `Connection close is honoured`() throws {
        let server = try serve()
        let client = try server.client()
        client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(try client.readMessage().headers["Connection"] == "close")
        #expect(client.readToEnd() == ("", .closed))
    }

    @Test func `HTTP 1.0 is answered and closed`() throws {
        let server = try serve()
        let client = try server.client()
        client.send("GET /old HTTP/1.0\r\n\r\n")
        let (text, end) = client.readToEnd()
        #expect(text.hasSuffix("\r\n\r\nGET /old "))
        #expect(end == .closed)
    }

    @Test func `HEAD is answered as GET without the body, and the connection goes on`() throws {
        let server = try serve()
        let client = try server.client()
        client.send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = try client.readMessage(isBodyless: true)
        #expect(answer.status == 200)
        #expect(answer.headers["Content-Length"] == "8")
        client.sendGet("/y")
        #expect(try client.readMessage().text == "GET /y ")
    }

    @Test func `a body in chunks is put together, and the next request follows`() throws {
        let server = try serve()
        let client = try server.client()
        client.send(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "5\r\nhello\r\n6;name=value\r\n world\r\n0\r\nTrailer: x\r\n\r\n")
        #expect(try client.readMessage().text == "POST / hello world")
        client.sendGet("/next")
        #expect(try client.readMessage().text == "GET /next ")
    }

    @Test func `a request that comes byte by byte is whole in the end`() throws {
        let server = try serve()
        let client = try server.client()
        for byte in "PUT /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde".utf8 { client.send([byte]) }
        #expect(try client.readMessage().text == "PUT /slow abcde")
    }

    @Test func `the handler is told headers, peer and that the line is plain`() throws {
        let server = try serve { request in
            .now(.text("\(request.headers.all("x-a")) \(request.peer) \(request.isSecure)"))
        }
        let client = try server.client()
        client.send("GET / HTTP/1.1\r\nHost: a\r\nX-A: one \r\nx-a: two\r\n\r\n")
        #expect(try client.readMessage().text == #"["one", "two"] 127.0.0.1 false"#)
    }

    @Test func `a header that cannot be sent is left out, a status that is none becomes 500`() throws {
        let headers = HTTPHeaders(["X-Good": "1", "X-Bad": "a\r\nSet-Cookie: b", "X-Empty": ""])
        let server = try serve { _ in .now(HTTPResponse(status: 99, headers: headers)) }
        let client = try server.client()
        client.sendGet("/")
        let answer = try client.readMessage()
        #expect(answer.status == 500)
        #expect(answer.headers["X-Good"] == "1")
        #expect(answer.headers["X-Bad"] == nil && answer.headers["Set-Cookie"] == nil)
    }

    @Test func `whoever expects 100-continue is told to go on`() throws {
        let server = try serve()
        let client = try server.client()
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        #expect(try client.read(through: "\r\n\r\n").hasPrefix("HTTP/1.1 100"))
        client.send("data")
        #expect(try client.readMessage().text == "POST / data")
    }

    @Test func `whoever expects 100-continue for too much is refused before sending it`() throws {
        let server = try serve()
        let client = try server.client()
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n")
        #expect(try client.readMessage().status == 413)
        #expect(client.readToEnd() == ("", .closed))
    }
}
