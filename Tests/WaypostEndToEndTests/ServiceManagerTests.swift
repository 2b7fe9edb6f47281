import Foundation
import Testing
import WaypostSandbox
import WaypostTesting

extension EndToEnd {
    /// The daemon as systemd has it: told by its environment, telling by a datagram socket, on a socket that is handed down.
    @Suite struct Service {
        @Test(arguments: [false, true])
        func `a service tells of its start, its life, its reloads and its end`(isAbstract: Bool) throws {
            let sandbox = try Sandbox.start()
            defer { sandbox.stop() }
            let folder = try Folder()
            try folder.configure(.through("sendgrid"), for: sandbox)
            let keeper = try ServiceKeeper(isAbstract: isAbstract, in: folder)
            let child = try keeper.start(in: folder, watchdog: .seconds(2), name: "serve")
            try eventually("it is ready") { keeper.hasHeard("READY=1") }
            #expect(keeper.hasHeard("STATUS=Serving on 127.0.0.1:\(keeper.port)"), "\(keeper.all)")
            let wire = Wire(port: keeper.port)
            try wire.wait(for: try wire.send(), toBe: "sent")
            let inherited = try String(contentsOfFile: "/proc/\(child.pid)/fdinfo/3", encoding: .utf8)
            let flags = inherited.split(separator: "\n").first { $0.hasPrefix("flags:") }.flatMap {
                Int($0.split(separator: "\t").last ?? "", radix: 8)
            }
            #expect((flags ?? 0) & Int(O_CLOEXEC) != 0, "what was passed stays in this process")

            for _ in 0..<2 {
                keeper.forget()
                try eventually("a sign of life") { keeper.hasHeard("WATCHDOG=1") }
            }

            keeper.forget()
            child.signal(SIGHUP)
            try eventually("it reloads") { keeper.hasHeard("RELOADING=1") && keeper.hasHeard("READY=1") }
            #expect(keeper.hasHeard("MONOTONIC_USEC="), "\(keeper.all)")
            keeper.forget()
            try folder.write("server: {lissen: x}\n", to: "waypost.yaml")
            #expect(try wire.post("/v1/reload", "").status >= 400)
            try eventually("a refused reload ends too") { keeper.hasHeard("RELOADING=1") && keeper.hasHeard("READY=1") }
            #expect(keeper.hasHeard("STATUS=Serving by the configuration before"), "\(keeper.all)")

            keeper.forget()
            wire.hangUp()
            child.signal(SIGTERM)
            #expect(child.end().status == 0, "\(child.complained)")
            #expect(keeper.hasHeard("STOPPING=1"))
            // drain_timeout, and half a minute to close.
            #expect(keeper.hasHeard("EXTEND_TIMEOUT_USEC=40000000"), "\(keeper.all)")
        }

        @Test func `whoever comes between two runs waits in the socket and is served by the next`() throws {
            let sandbox = try Sandbox.start()
            defer { sandbox.stop() }
            let folder = try Folder()
            try folder.configure(.through("sendgrid"), for: sandbox)
            let keeper = try ServiceKeeper(isAbstract: false, in: folder)
            let first = try keeper.start(in: folder, watchdog: .seconds(60), name: "first")
            try eventually("it is ready") { keeper.hasHeard("READY=1") }
            first.signal(SIGTERM)
            #expect(first.end().status == 0)
            let port = keeper.port
            let between = Background { try Wire(port: port).post("/v1/messages", Letter.body()).status }
            keeper.forget()
            let second = try keeper.start(in: folder, watchdog: .seconds(60), name: "second")
            try eventually("it is ready") { keeper.hasHeard("READY=1") }
            #expect(try between.value() == 202)
            second.signal(SIGTERM)
            #expect(second.end().status == 0)
        }

        @Test func `whoever is in the middle of a request when it ends is still answered, and not told 503`() throws {
            let sandbox = try Sandbox.start()
            defer { sandbox.stop() }
            let folder = try Folder()
            try folder.configure(.through("sendgrid"), for: sandbox)
            let keeper = try ServiceKeeper(isAbstract: false, in: folder)
            let child = try keeper.start(in: folder, watchdog: .seconds(60), name: "serve")
            try eventually("it is ready") { keeper.hasHeard("READY=1") }
            let client = try LoopbackStream(port: keeper.port)
            let body = Letter.body()
            client.send("POST /v1/messages HTTP/1.1\r\nHost: waypost\r\nContent-Type: application/json\r\n")
            client.send("Content-Length: \(body.utf8.count)\r\n\r\n")
            // Who came later has been served, so this one has been let in and does not wait in the socket for the next run.
            let later = Wire(port: keeper.port)
            #expect(try later.get("/livez").status == 200)
            later.hangUp()
            child.signal(SIGTERM)
            try eventually("it begins to end") { keeper.hasHeard("STOPPING=1") }
            client.send(body)
            let answer = try client.readMessage()
            #expect(answer.status == 202)
            #expect(answer.headers["Connection"] == "close")
            #expect(child.end().status == 0)
        }

        @Test func `what is passed and does not listen is refused with 69`() throws {
            let sandbox = try Sandbox.start()
            defer { sandbox.stop() }
            let folder = try Folder()
            try folder.configure(.through("sendgrid"), for: sandbox)
            let script = """
                export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=listen; exec "$0" serve --config "$1" 3</dev/null
                """
            let end = try Child.run(
                "/bin/sh", ["-c", script, Child.program("waypost"), folder.file("waypost.yaml")], in: folder,
                name: "serve")
            #expect(end.status == 69)
            #expect(end.complaints.contains("no listening TCP socket"), "\(end.complaints)")
        }
    }
}
