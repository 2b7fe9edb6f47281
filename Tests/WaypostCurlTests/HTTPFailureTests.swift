import Testing
import WaypostHTTP
import WaypostTesting

@testable import WaypostCurl

/// How an exchange can fail, and what is then known of where the request is.
@Suite struct HTTPFailureTests {
    let transport = CurlTransport()
    private let short = TransferSettings(connectTimeout: .milliseconds(300), timeout: .milliseconds(600))

    @Test func `a refused connection: nothing has left`() async throws {
        let listener = try LoopbackListener { _, _ in }
        let port = listener.port
        listener.stop()
        let error = try #require(await transport.post("{}", to: port).error)
        #expect(error == TransportError(departure: .notSent, detail: "connection refused by 127.0.0.1:\(port)"))
    }

    @Test func `a name that does not resolve: nothing has left`() async throws {
        let error = try #require(
            await transport.exchange(.http(.post("http://no-such-host.invalid/x", json: [1]))).error)
        #expect(error.departure == .notSent && !error.timedOut)
        #expect(error.detail == "no-such-host.invalid:80: the host name cannot be resolved")
    }

    @Test func `TLS that is never answered times out as connecting`() async throws {
        let listener = try LoopbackListener { stream, _ in _ = stream.readToEnd() }
        let url = "https://127.0.0.1:\(listener.port)/x"
        let error = try #require(await transport.exchange(.http(.post(url, json: [1])), settings: short).error)
        #expect(error.departure == .notSent && error.timedOut)
        #expect(error.detail == "no connection to 127.0.0.1:\(listener.port) within 300ms")
    }

    @Test func `a server that does not read a long request: not all of it left`() async throws {
        let done = Heard([])
        let listener = try LoopbackListener { stream, _ in
            _ = done.wait(atMost: .seconds(20)) { $0.isEmpty ? nil : true }
        }
        let error = try #require(
            await transport.post(String(repeating: "x", count: 30_000_000), to: listener.port, settings: short).error)
        done.change { $0.append("done") }
        #expect(error.departure == .notSent && error.timedOut)
    }

    @Test func `a server that reads all and says nothing: it may have arrived`() async throws {
        let listener = try LoopbackListener { stream, _ in _ = stream.readToEnd() }
        let error = try #require(await transport.post("{}", to: listener.port, settings: short).error)
        #expect(error.departure == .mayHaveArrived && error.timedOut)
        #expect(error.detail == "no answer from 127.0.0.1:\(listener.port) within 600ms, the request had left")
    }

    @Test func `a reset in the midst of a long body: not all of it left`() async throws {
        let listener = try LoopbackListener { stream, _ in
            _ = try stream.read(count: 100_000)
            stream.reset()
        }
        let error = try #require(
            await transport.post(String(repeating: "x", count: 30_000_000), to: listener.port).error)
        #expect(error.departure == .notSent && !error.timedOut)
        #expect(listener.accepted == 1)
    }

    @Test(arguments: [false, true])
    func `a new connection that ends after the request: it may have arrived, and is not sent again`(
        byReset: Bool
    ) async throws {
        let listener = try LoopbackListener { stream, _ in
            _ = try stream.readMessage()
            byReset ? stream.reset() : stream.close()
        }
        let error = try #require(await transport.post("{}", to: listener.port).error)
        #expect(error.departure == .mayHaveArrived && !error.timedOut)
        #expect(listener.accepted == 1)
    }

    @Test(arguments: [false, true], ["{}", ""])
    func `a reused connection that ends after the request: it may have arrived, and is not sent again`(
        byReset: Bool, body: String
    ) async throws {
        let heard = Heard([])
        let listener = try LoopbackListener { stream, number in
            for turn in 1... {
                let message = try stream.readMessage()
                heard.change { $0.append("\(number) \(message.text)") }
                // One without a body goes by a connection of its own, so there the first request is the fatal one.
                guard turn == 1, number == 1 else { return byReset ? stream.reset() : stream.close() }
                stream.answer("fine")
            }
        }
        #expect(await transport.post("first", to: listener.port).http?.status == 200)
        let error = try #require(await transport.post(body, to: listener.port).error)
        #expect(error.departure == .mayHaveArrived && !error.timedOut)
        #expect(heard.withLock { $0 } == ["1 first", body.isEmpty ? "2 " : "1 \(body)"])
    }

    @Test(arguments: ["HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "HTTP/1.1 200 OK\r\nConte", "HTTP/1.1 2"])
    func `half an answer is none`(text: String) async throws {
        let listener = try LoopbackListener { stream, _ in
            _ = try stream.readMessage()
            stream.send(text)
        }
        let error = try #require(await transport.post("{}", to: listener.port).error)
        #expect(error.departure == .mayHaveArrived)
        #expect(listener.accepted == 1)
    }

    @Test func `what is not HTTP is no answer`() async throws {
        let listener = try LoopbackListener { stream, _ in
            _ = try stream.readMessage()
            stream.send("220 mail.example ESMTP\r\n")
        }
        #expect(await transport.post("{}", to: listener.port).error?.departure == .mayHaveArrived)
    }

    @Test func `a redirect is an answer and not followed`() async throws {
        let target = try LoopbackListener { _, _ in }
        let listener = try LoopbackListener { stream, _ in
            _ = try stream.readMessage()
            stream.answer("", status: "307 Away", headers: "Location: http://127.0.0.1:\(target.port)/\r\n")
        }
        #expect(await transport.post("{}", to: listener.port).http?.status == 307)
        #expect(target.accepted == 0)
    }

    @Test func `an answer that is too large is cut off, body or headers`() async throws {
        let listener = try LoopbackListener { stream, number in
            _ = try stream.readMessage()
            if number == 1 { return stream.answer(String(repeating: "x", count: 1024 * 1024 + 1)) }
            stream.send("HTTP/1.1 200 OK\r\n")
            while stream.send("X: \(String(repeating: "x", count: 10_000))\r\n") {}
        }
        for part in ["is larger than 1 MiB", "has more than 64 KiB of headers"] {
            let error = try #require(await transport.post("{}", to: listener.port).error)
            #expect(error.departure == .mayHaveArrived)
            #expect(error.detail == "127.0.0.1:\(listener.port)'s answer \(part)")
        }
    }
}
