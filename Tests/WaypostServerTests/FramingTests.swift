import Synchronization
import Testing
import WaypostHTTP
import WaypostTesting

@testable import WaypostServer

/// Requests that two servers in a row might cut apart differently.
@Suite struct FramingTests {
    struct Shape: CustomTestStringConvertible, Sendable {
        let name: String
        let head: String
        var status = 400
        /// Refused by libmicrohttpd before anybody is asked; 0.9.75 says the head of that answer twice.
        var byLibrary = false
        var testDescription: String { name }
    }

    static let shapes = [
        Shape(
            name: "length and chunks", head: "POST / HTTP/1.1\nHost: a\nContent-Length: 5\nTransfer-Encoding: chunked"),
        Shape(
            name: "chunks and length", head: "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\nContent-Length: 5"),
        Shape(name: "two lengths", head: "POST / HTTP/1.1\nHost: a\nContent-Length: 5\nContent-Length: 6"),
        Shape(name: "one length twice", head: "POST / HTTP/1.1\nHost: a\nContent-Length: 5\nContent-Length: 5"),
        Shape(name: "a list of lengths", head: "POST / HTTP/1.1\nHost: a\nContent-Length: 5, 5", byLibrary: true),
        Shape(name: "a signed length", head: "POST / HTTP/1.1\nHost: a\nContent-Length: +5", byLibrary: true),
        Shape(name: "a length below zero", head: "POST / HTTP/1.1\nHost: a\nContent-Length: -1", byLibrary: true),
        Shape(name: "a length in hex", head: "POST / HTTP/1.1\nHost: a\nContent-Length: 0x5", byLibrary: true),
        Shape(name: "a blank before the colon", head: "POST / HTTP/1.1\nHost: a\nContent-Length : 5"),
        Shape(name: "an unknown coding", head: "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: xchunked"),
        Shape(name: "chunked not last", head: "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked, identity"),
        Shape(
            name: "a coding we lack", head: "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: gzip, chunked", status: 501),
        Shape(
            name: "chunked twice",
            head: "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked"),
        Shape(name: "chunks in HTTP/1.0", head: "POST / HTTP/1.0\nHost: a\nTransfer-Encoding: chunked"),
        Shape(name: "no Host", head: "GET / HTTP/1.1\nX: a"),
        Shape(name: "two Hosts", head: "GET / HTTP/1.1\nHost: a\nHost: b"),
        Shape(name: "a Host that is none", head: "GET / HTTP/1.1\nHost: a/b"),
        Shape(name: "a control character", head: "GET / HTTP/1.1\nHost: a\nX: a\u{1}b"),
        Shape(name: "a name in Unicode", head: "GET / HTTP/1.1\nHost: a\nÄ: b"),
        Shape(name: "a method that is no token", head: "G(T / HTTP/1.1\nHost: a"),
        Shape(name: "%00", head: "GET /a%00b HTTP/1.1\nHost: a"),
        Shape(name: "Unicode in the target", head: "GET /ä HTTP/1.1\nHost: a"),
        Shape(name: "a fragment", head: "GET /a#b HTTP/1.1\nHost: a"),
        Shape(name: "a target that is no path", head: "GET a HTTP/1.1\nHost: a"),
        Shape(name: "another scheme", head: "GET ftp://a/b HTTP/1.1\nHost: a"),
        Shape(name: "a user in the authority", head: "GET http://u@a/b HTTP/1.1\nHost: a"),
        Shape(name: "* for GET", head: "GET * HTTP/1.1\nHost: a"),
        Shape(name: "another expectation", head: "POST / HTTP/1.1\nHost: a\nExpect: magic", status: 417),
    ]

    @Test(arguments: shapes)
    func `is refused, and what follows is not taken for a request`(shape: Shape) throws {
        let handled = Atomic(0)
        let server = try serve { request in
            handled.add(1, ordering: .relaxed)
            return echo(request)
        }
        let client = try server.client()
        let head = shape.head.split(separator: "\n").joined(separator: "\r\n")
        client.send("\(head)\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = try client.readMessage()
        #expect(answer.status == shape.status)
        #expect(answer.headers["Connection"]?.lowercased() == "close")
        let (rest, end) = client.readToEnd()
        #expect(shape.byLibrary ? !rest.contains("smuggled") : rest == "")
        #expect(end == .closed)
        #expect(handled.load(ordering: .relaxed) == 0)
    }

    @Test(arguments: [
        ("GET /a%2Fb%2e%2e/c?x=%41+b HTTP/1.1", "GET /a%2Fb%2e%2e/c?x=%41+b "),
        ("GET http://waypost.example:80/a?b HTTP/1.1", "GET /a?b "),
        ("GET HTTPS://waypost.example HTTP/1.1", "GET / "),
        ("OPTIONS * HTTP/1.1", "OPTIONS * "),
        ("BREW!~ /pot HTTP/1.1", "BREW!~ /pot "),
    ])
    func `reaches the handler as it came`(line: String, seen: String) throws {
        let server = try serve()
        let client = try server.client()
        client.send("\(line)\r\nHost: a\r\n\r\n")
        #expect(try client.readMessage().text == seen)
    }

    @Test func `a protocol that is not HTTP is not served`() throws {
        // libmicrohttpd may not see an end that comes together with the last bytes: then the deadline closes.
        let server = try serve(changing: { $0.requestTimeout = .milliseconds(300) })
        for start in ["\u{16}\u{3}\u{1}\u{2}\u{0}", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "nonsense\r\n\r\n"] {
            let client = try server.client()
            client.send(start)
            client.finishSending()
            #expect(!client.readToEnd().text.contains(" 200 "))
        }
        let client = try server.client()
        client.sendGet("/")
        #expect(try client.readMessage().status == 200)
    }
}
