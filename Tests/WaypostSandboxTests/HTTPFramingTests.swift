import Testing

@testable import WaypostSandbox

/// What reads requests at the stand-ins: strict, because a router that frames badly must not look well here.
@Suite struct HTTPFramingTests {
    private func answer(_ text: String, _ sandbox: Sandbox) throws -> (status: Int?, client: WireClient) {
        let client = try WireClient(port: sandbox.ports.control)
        client.send(text)
        return (client.answer()?.status, client)
    }

    @Test(arguments: [
        ("GET /healthz HTTP/1.1\r\n\r\n", 400), ("GET /healthz HTTP/1.0\r\nHost: a\r\n\r\n", 505),
        ("GET  /healthz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        ("GET /healthz HTTP/1.1\nHost: a\r\n\r\n", 400), ("GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        ("POST /faults HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400),
        ("POST /faults HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("POST /faults HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx", 400),
        ("POST /faults HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        ("POST /faults HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n", 400),
        ("POST /faults HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", 413),
        ("GET /healthz HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 40_000))\r\n\r\n", 431),
    ])
    func `a doubt about the framing ends the connection`(text: String, status: Int) throws {
        try withSandbox { sandbox in
            let (answered, client) = try answer(text, sandbox)
            #expect(answered == status)
            #expect(client.untilEnd() == .finished)
        }
    }

    @Test func `requests may come in pieces, in one packet, in chunks and after 100 Continue`() throws {
        try withSandbox { sandbox in
            let client = try WireClient(port: sandbox.ports.control)
            let plain = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
            for byte in plain.utf8 { client.send([byte]) }
            #expect(client.answer()?.status == 200)
            client.send(plain + plain)
            #expect(client.answer()?.status == 200)
            #expect(client.answer()?.status == 200)
            let fault = #"{"provider":"ses","kind":"refuse","for_ms":1}"#
            let half = fault.utf8.count / 2
            client.send("POST /faults HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            for part in [fault.prefix(half), fault.dropFirst(half)] {
                client.send("\(String(part.utf8.count, radix: 16))\r\n\(part)\r\n")
            }
            client.send("0\r\n\r\n")
            #expect(client.answer()?.status == 201)
            client.send("POST /faults HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            #expect(client.read(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            client.send("{}")
            #expect(client.answer()?.status == 400)
            client.send("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(client.answer()?.headers["Connection"] == "close")
            #expect(client.untilEnd() == .finished)
        }
    }
}
