import Foundation
import Testing
import WaypostCore
import WaypostDiagnostics
import WaypostJSON
import WaypostSandbox

extension EndToEnd {
    /// Looking at everything at once.
    @Suite struct Diagnostics {
        private func keys(_ report: JSONValue) -> [String] {
            (report["recommendations"]?.array ?? []).compactMap { $0["key"]?.string }
        }

        @Test func `an outage is named, and its end is told against it`() throws {
            let router = try Router()
            let wire = router.wire
            #expect(try wire.get("/v1/diagnostics")["data"] == [])
            try router.sandbox.setFault(Fault(.sendgrid, .refuse))
            let answer = try wire.post("/v1/diagnostics")
            #expect(answer.status == 200, "\(answer)")
            let found = keys(answer.json)
            #expect(found.contains("provider_down:sendgrid"), "\(found)")
            #expect(found.contains("fallback:email"))
            #expect(!found.contains("provider_down:ses") && !found.contains("store"))
            #expect(answer["status"] == "degraded")
            #expect(answer["services"]?["store"]?["failure"] == .null)
            #expect(answer["compared"]?["previous_id"] == .null)
            let hosts = answer["network"]?.array ?? []
            #expect(Set(hosts.compactMap { $0["provider"]?.string }) == ["sendgrid", "ses", "relay"])
            let relay = hosts.first { $0["provider"] == "relay" }
            #expect(relay?["tls"]?["trusted"] == true, "\(String(describing: relay))")
            #expect(answer["mail"]?[0]?["domain"] == "example.com")
            #expect(answer["mail"]?[0]?["spf"]?["status"] == "missing")
            #expect(found.contains("spf:example.com") && found.contains("no_keys"))

            router.sandbox.clearFaults()
            let after = try wire.post("/v1/diagnostics", "{}")
            #expect(after["compared"]?["previous_id"] == answer["id"])
            let resolved = after["compared"]?["resolved_issues"]?.array ?? []
            #expect(resolved.contains("provider_down:sendgrid"), "\(resolved)")
            #expect(after["compared"]?["changes"]?.array?.contains("sendgrid health: fail → pass") == true)
            let kept = try wire.get("/v1/diagnostics")["data"]?.array ?? []
            #expect(kept == [after.json, answer.json])
            for text in [answer.text, after.text] {
                #expect(!text.contains(router.sandbox.settings.sendGridKey) && !text.contains("news@example.com"))
            }
        }

        @Test func `one at a time: who comes meanwhile is told so`() throws {
            let router = try Router(.through("sendgrid"))
            try router.sandbox.setFault(Fault(.sendgrid, .delay, delay: .seconds(2)))
            let statuses = Monitor<[Int]>([])
            let port = router.port
            let threads = (0..<2).map { number in
                WorkerThread(name: "asker-\(number)") {
                    let reply = try? Wire(port: port).post("/v1/diagnostics")
                    statuses.change { $0.append(reply?.status ?? 0) }
                    if reply?.status == 409 {
                        statuses.change { $0.append(reply?["code"] == "diagnostics_running" ? 1 : 0) }
                    }
                }
            }
            for thread in threads { thread.join() }
            #expect(statuses.withLock { $0 } == [409, 1, 200])
        }

        @Test func `a body that says something is refused`() throws {
            let router = try Router(.through("sendgrid"))
            #expect(try router.wire.post("/v1/diagnostics", #"{"deep":true}"#).status == 400)
            #expect(try router.wire.get("/v1/diagnostics?limit=1").status == 400)
        }
    }
}

extension EndToEnd.Diagnostics {
    /// Runs the program's own client command before a router in this process.
    private func diagnose(_ router: Router, _ arguments: [String] = [], name: String) throws -> Child.End {
        try Child.run(
            Child.program("waypost"), ["diagnose", "--url", "http://127.0.0.1:\(router.port)"] + arguments,
            in: router.folder, name: name)
    }

    @Test func `the command says what to do first, and ends with 1`() throws {
        let router = try Router()
        try router.sandbox.setFault(Fault(.sendgrid, .refuse))
        let end = try diagnose(router, name: "text")
        #expect(end.status == 1, "\(end.complaints)")
        let lines = end.output.split(separator: "\n").map(String.init)
        #expect(lines.first?.hasPrefix("degraded: dia_") == true)
        #expect(lines.dropFirst().first == "Recommendations")
        #expect(lines.contains { $0.contains("sendgrid does not pass its health check") })
        #expect(lines.contains { $0.hasPrefix("  relay") && $0.contains("TLSv1.3") })
        #expect(!end.output.contains("\u{1B}"))
        let json = try diagnose(router, ["--json"], name: "json")
        #expect(json.status == 1)
        #expect(try JSONValue(parsing: Array(json.output.utf8.dropLast()))["status"] == "degraded")
    }

    @Test func `nobody there, or no right to ask, is said in one line`() throws {
        let router = try Router(.through("sendgrid"))
        let port = router.port
        router.stop()
        let end = try Child.run(
            Child.program("waypost"), ["diagnose", "--url", "http://127.0.0.1:\(port)"], in: router.folder,
            name: "nobody")
        #expect(end.status == 1 && end.output == "")
        #expect(
            end.complaints.contains("no router answers at") && end.complaints.contains("--url or WAYPOST_URL"),
            "\(end)")
        #expect(end.complaints.split(separator: "\n").count == 1)
        var setup = Setup.through("sendgrid")
        setup.sections["auth"] = "{keys: [{name: reader, token: reader-token-of-a-test, scopes: [read]}]}"
        let guarded = try Router(setup)
        let complaints = [
            (["--json"], "give a token by --token or WAYPOST_TOKEN"),
            (["--token", "wrong", "--json"], "does not take this token"),
            (["--token", "reader-token-of-a-test", "--bundle", guarded.folder.file("b.tar.gz")], "scope operate"),
        ]
        for (arguments, complaint) in complaints {
            let end = try diagnose(guarded, arguments, name: "guarded")
            #expect(end.status == 1 && end.output == "" && end.complaints.contains(complaint), "\(end)")
        }
        #expect(!FileManager.default.fileExists(atPath: guarded.folder.file("b.tar.gz")))
        let nowhere = try Child.run(
            Child.program("waypost"), ["diagnose", "--url", "elsewhere"], in: router.folder, name: "nowhere")
        #expect(nowhere.complaints.contains("is not a URL"), "\(nowhere)")
    }

    @Test func `a bundle holds neither secrets nor addresses nor content`() throws {
        var setup = Setup()
        setup.sections["auth"] =
            "{keys: [{name: ops, token: ops-token-planted-1, scopes: [admin]}, "
            + "{name: shop, token: shop-token-planted-2, scopes: [send]}]}"
        setup.sections["templates"] =
            #"{hello: {email: {subject: "planted-subject {{name}}", text: "planted-text {{name}}"}}}"#
        let router = try Router(setup)
        let wire = router.connection(token: "ops-token-planted-1")
        let body =
            #"{"channel":"email","to":"planted.person@example.net","#
            + #""content":{"subject":"planted-letter","text":"planted-letter"}}"#
        #expect(try wire.post("/v1/messages", body).status == 202)
        #expect(
            try wire.post("/v1/providers/ses/disable", #"{"reason":"planted.boss@example.net, +15550109999"}"#).status
                == 200)
        let file = router.folder.file("support.tar.gz")
        let end = try diagnose(router, ["--token", "ops-token-planted-1", "--bundle", file], name: "bundle")
        #expect(end.complaints.contains("wrote \(file)"), "\(end.complaints)")
        let listed = try Child.run("/usr/bin/env", ["tar", "-tzf", file], in: router.folder, name: "list").output
        for name in [
            "report.json", "metrics.txt", "configuration.json", "overrides.json", "health.json", "manifest.txt",
        ] {
            #expect(listed.contains("waypost-support/\(name)\n"), "\(listed)")
        }
        let all = try Child.run("/usr/bin/env", ["tar", "-xOzf", file], in: router.folder, name: "all").output
        #expect(all.contains("waypost_attempts_total") && all.contains("sendgrid"))
        let secrets = [router.sandbox.settings.sendGridKey, router.sandbox.settings.aws.secretAccessKey]
        for planted in secrets + ["planted", "news@", "example.net/", "5550109999"] {
            #expect(!all.contains(planted), "\(planted)")
        }
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }
}
