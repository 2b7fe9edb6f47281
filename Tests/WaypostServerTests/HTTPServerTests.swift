import Testing
import WaypostCurl
import WaypostHTTP
import WaypostTesting

@testable import WaypostServer

@Suite struct HTTPServerTests {
    @Test func `port 0 picks a free one and tells it`() throws {
        let one = try serve(), two = try serve()
        #expect(one.address.host == "127.0.0.1")
        #expect(one.address.port > 0 && one.address.port != two.address.port)
    }

    @Test(arguments: ["::1", "[::1]"])
    func `IPv6 is served, with or without brackets`(host: String) throws {
        let server = try serve(host: host) { .now(.text($0.peer)) }
        #expect(server.address.host == "::1")
        let client = try LoopbackStream(to: "::1", port: server.address.port)
        client.sendGet("/")
        #expect(try client.readMessage().text == "::1")
    }

    @Test func `every address takes IPv4 too, and shows it as IPv4`() throws {
        let server = try serve(host: "::") { .now(.text($0.peer)) }
        for (host, peer) in [("127.0.0.1", "127.0.0.1"), ("::1", "::1")] {
            let client = try LoopbackStream(to: host, port: server.address.port)
            client.sendGet("/")
            #expect(try client.readMessage().text == peer)
        }
    }

    @Test func `a port in use is told by its number`() throws {
        let server = try serve()
        let port = server.address.port
        let expected = ListenError("cannot listen on 127.0.0.1:\(port): address already in use")
        #expect(throws: expected) { try serve(changing: { $0.port = port }) }
    }

    @Test func `an address that is none is told`() {
        #expect(throws: ListenError("cannot listen on 127.0.0.1:65536: a port is 0 to 65535")) {
            try serve(changing: { $0.port = 65536 })
        }
        #expect(throws: ListenError.self) { try serve(host: "203.0.113.1") }
        #expect(throws: ListenError.self) { try serve(host: "no-such-host.invalid") }
    }

    @Test func `a quiet server refuses newcomers and says goodbye to those who are there`() async throws {
        let server = try serve()
        let client = try server.client()
        client.sendGet("/before")
        #expect(try client.readMessage().headers["Connection"] == nil)
        server.quiesce()
        #expect(throws: LoopbackStream.Failure.self) { try server.client() }
        client.sendGet("/after")
        let answer = try client.readMessage()
        #expect(answer.text == "GET /after ")
        #expect(answer.headers["Connection"] == "close")
        #expect(client.readToEnd() == ("", .closed))
        #expect(try await eventually { server.openConnections == 0 })
    }

    @Test func `a connection is busy until its answer has left, and idle from then on`() async throws {
        let server = try serve()
        let client = try server.client()
        #expect(try await eventually { server.busyConnections == 1 })
        client.sendGet("/")
        #expect(try client.readMessage().status == 200)
        #expect(try await eventually { server.busyConnections == 0 && server.openConnections == 1 })
    }

    @Test func `who waited in the kernel's queue when the door closed is still served`() throws {
        for _ in 0..<20 {
            let server = try serve()
            let clients = try (0..<5).map { _ in try server.client() }
            server.quiesce()
            for client in clients {
                client.sendGet("/")
                #expect(try client.readMessage().status == 200)
            }
        }
    }

    @Test func `stop closes everything, frees the port, and twice is once`() throws {
        let server = try serve()
        let port = server.address.port
        let idle = try server.client(), half = try server.client()
        idle.sendGet("/")
        #expect(try idle.readMessage().status == 200)
        half.send("GET /half HT")
        server.stop(abandoned: HTTPResponse(status: 503))
        server.stop(abandoned: HTTPResponse(status: 503))
        #expect(idle.readToEnd() == ("", .closed))
        #expect(half.readToEnd().text == "")
        #expect(server.openConnections == 0)
        let next = try serve(changing: { $0.port = port })
        #expect(next.address.port == port)
    }

    @Test func `what is being answered when it stops still leaves`() throws {
        let putOff = PutOff()
        let server = try serve(handler: putOff.handler)
        let client = try server.client()
        let body = String(repeating: "x", count: 200_000)
        client.sendGet("/")
        try #require(putOff.next()).send(.text(body))
        server.stop(abandoned: HTTPResponse(status: 503))
        #expect(try client.readMessage().text == body)
    }

    @Test func `a renewed certificate is shown to newcomers, and who is in stays`() async throws {
        let (old, new) = (try TestCertificate(), try TestCertificate())
        let server = try serve(changing: {
            $0.tls = HTTPServer.TLS(certificatePEM: old.certificatePEM, privateKeyPEM: old.keyPEM)
        })
        let transport = CurlTransport()
        defer { transport.stop() }
        func isServed(_ pool: String, trusting certificate: TestCertificate) async -> Bool {
            let settings = TransferSettings(timeout: .seconds(20), caFile: certificate.certificateFile)
            return await withCheckedContinuation { continuation in
                transport.send(
                    .http(.get("https://localhost:\(server.address.port)/")), pool: pool, settings: settings
                ) { reply in
                    guard case .success(.http(let response)) = reply else {
                        return continuation.resume(returning: false)
                    }
                    continuation.resume(returning: response.status == 200)
                }
            }
        }
        #expect(await isServed("in", trusting: old))
        for round in 0..<3 {  // the second and third let go of those before
            try server.replace(tls: HTTPServer.TLS(certificatePEM: new.certificatePEM, privateKeyPEM: new.keyPEM))
            #expect(await isServed("in", trusting: old), "on the connection it has")
            #expect(await !isServed("late \(round)", trusting: old))
            #expect(await isServed("new \(round)", trusting: new))
        }
        #expect(throws: ListenError.self) {
            try server.replace(tls: HTTPServer.TLS(certificatePEM: new.certificatePEM, privateKeyPEM: old.keyPEM))
        }
        #expect(await isServed("last", trusting: new))
    }

    @Test func `TLS is served with the certificate given`() async throws {
        let certificate = try TestCertificate()
        let server = try serve(changing: { settings in
            settings.tls = HTTPServer.TLS(
                certificatePEM: certificate.certificatePEM, privateKeyPEM: certificate.keyPEM)
        }) { .now(.text("\($0.isSecure) \($0.peer)")) }
        let transport = CurlTransport()
        defer { transport.stop() }
        let settings = TransferSettings(timeout: .seconds(20), caFile: certificate.certificateFile)
        let reply = await withCheckedContinuation { continuation in
            transport.send(
                .http(.get("https://localhost:\(server.address.port)/")), pool: "test", settings: settings
            ) { continuation.resume(returning: $0) }
        }
        guard case .success(.http(let response)) = reply else {
            Issue.record("\(reply)")
            return
        }
        #expect(String(decoding: response.body, as: UTF8.self) == "true 127.0.0.1")

        let plain = try server.client()
        plain.sendGet("/")
        #expect(!plain.readToEnd().text.contains("200"))
    }

    @Test func `a certificate and a key that do not belong together are told`() throws {
        let one = try TestCertificate(), other = try TestCertificate()
        for key in [other.keyPEM, "no key"] {
            #expect(
                throws: ListenError(
                    "cannot use the TLS certificate and private key: they must be PEM and belong together")
            ) {
                try serve(changing: { $0.tls = HTTPServer.TLS(certificatePEM: one.certificatePEM, privateKeyPEM: key) })
            }
        }
    }
}
