import Testing
import WaypostHTTP
import WaypostServer
import WaypostTesting

@testable import WaypostCurl

@Suite struct CurlTransportTests {
    let transport = CurlTransport()

    @Test func `the request goes out as it was given`() async throws {
        let heard = Heard([])
        let listener = try LoopbackListener { stream, _ in
            let message = try stream.readMessage()
            let fields = message.headers.fields.map { "\($0.name): \($0.value)" }.sorted()
            heard.change { $0 = [message.firstLine] + fields + [message.text] }
            stream.answer("fine", status: "202 Accepted", headers: "X-Id: 7\r\n")
        }
        var request = HTTPRequest.post("http://127.0.0.1:\(listener.port)/a?b=c", json: Array("{}".utf8))
        request.headers["X-Empty"] = ""
        let response = try #require(await transport.exchange(.http(request)).http)
        #expect(response.status == 202 && response.headers["x-id"] == "7")
        #expect(response.body == Array("fine".utf8))
        #expect(
            heard.withLock { $0 } == [
                "POST /a?b=c HTTP/1.1", "Accept: */*", "Content-Length: 2", "Content-Type: application/json",
                "Host: 127.0.0.1:\(listener.port)", "User-Agent: waypost", "X-Empty: ", "{}",
            ])
    }

    @Test(arguments: ["X\r\nY", "a\u{0}"])
    func `a header that would end early is refused before anything leaves`(value: String) async throws {
        let listener = try LoopbackListener { _, _ in }
        var request = HTTPRequest.get("http://127.0.0.1:\(listener.port)/")
        request.headers["X"] = value
        #expect(await transport.exchange(.http(request)).error?.departure == .notSent)
        #expect(listener.accepted == 0)
    }

    @Test func `hundreds at once share as many connections as are allowed`() async throws {
        let listener = try LoopbackListener { stream, _ in
            while true { stream.answer(try stream.readMessage().text) }
        }
        let settings = TransferSettings(timeout: .seconds(60), maxConnections: 4)
        let answers = await withTaskGroup(of: (Int, String?).self) { group in
            for number in 0..<300 {
                group.addTask {
                    let answer = await transport.post("\(number)", to: listener.port, settings: settings)
                    return (number, answer.http.map { String(decoding: $0.body, as: UTF8.self) })
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(answers == Dictionary(uniqueKeysWithValues: (0..<300).map { ($0, "\($0)") }))
        #expect(listener.accepted <= 4)
        #expect(transport.inFlight == 0)
        transport.stop()
    }

    @Test func `stop ends what is under way, each by its facts, and takes nothing more`() async throws {
        let heard = Heard([])
        let listener = try LoopbackListener { stream, _ in
            let message = try stream.readMessage()
            heard.change { $0.append(message.text) }
            _ = stream.readToEnd()
        }
        let settings = TransferSettings(timeout: .seconds(60), maxConnections: 2)
        async let one = transport.post("1", to: listener.port, settings: settings)
        async let two = transport.post("2", to: listener.port, settings: settings)
        #expect(try await eventually { heard.withLock { $0.count } == 2 })
        async let queued = transport.post("3", to: listener.port, settings: settings)
        #expect(try await eventually { transport.inFlight == 3 })
        transport.stop()
        transport.stop()
        #expect(await one.error?.departure == .mayHaveArrived)
        #expect(await two.error?.departure == .mayHaveArrived)
        #expect(await queued.error?.departure == .notSent)
        #expect(await transport.post("4", to: listener.port).error?.departure == .notSent)
        #expect(transport.inFlight == 0)
    }

    @Test func `only who is vouched for is believed`() async throws {
        let certificate = try TestCertificate()
        let server = try HTTPServer(
            HTTPServer.Settings(
                host: "127.0.0.1", port: 0, maxBody: 1000, maxConnections: 20,
                tls: HTTPServer.TLS(certificatePEM: certificate.certificatePEM, privateKeyPEM: certificate.keyPEM)),
            refusal: { HTTPResponse(status: $0.status) }, handler: { .now(HTTPResponse(status: 200, body: $0.body)) })
        let request = HTTPRequest.post("https://localhost:\(server.address.port)/", json: [1, 2])
        var settings = TransferSettings(timeout: .seconds(20))
        let stranger = try #require(await transport.exchange(.http(request), settings: settings).error)
        #expect(stranger.departure == .notSent)
        #expect(stranger.detail.hasPrefix("TLS: localhost:\(server.address.port)'s certificate is not trusted"))
        settings.caFile = certificate.certificateFile
        #expect(await transport.exchange(.http(request), settings: settings).http?.body == [1, 2])
        settings.caFile = "/no/such/file"
        #expect(await transport.exchange(.http(request), settings: settings).error?.departure == .notSent)
    }
}
