import Testing
import WaypostHTTP
import WaypostJSON

@testable import WaypostSandbox

@Suite struct ControlAPITests {
    private func ask(_ sandbox: Sandbox, _ method: String, _ path: String, _ body: String = "") throws -> HTTPResponse {
        let client = try WireClient(port: sandbox.ports.control)
        let request = HTTPRequest(method: method, target: "\(sandbox.controlURL)\(path)", body: Array(body.utf8))
        client.send(request.wire)
        return try #require(client.answer())
    }

    @Test func `a fault is set, listed, counted down and lifted`() throws {
        try withSandbox { sandbox in
            let set = try ask(
                sandbox, "POST", "/faults", #"{"provider":"sendgrid","kind":"status","status":500,"count":2}"#)
            #expect(set.status == 201 && set.json["id"]?.integer == 1)
            let client = try WireClient(port: sandbox.ports.sendGrid)
            client.send(try Fixture(sandbox).mail(for: .sendgrid))
            #expect(client.answer()?.status == 500)
            let listed = try ask(sandbox, "GET", "/faults").json["faults"]?[0]
            #expect(listed?["kind"]?.string == "status" && listed?["left"]?.integer == 1)
            #expect(try ask(sandbox, "DELETE", "/faults?provider=ses").json["lifted"]?.integer == 0)
            #expect(try ask(sandbox, "DELETE", "/faults?id=1").json["lifted"]?.integer == 1)
            #expect(try ask(sandbox, "GET", "/faults").json["faults"]?.array?.isEmpty == true)
        }
    }

    @Test func `a refusal set over HTTP is in force when the answer comes, and gone when it is lifted`() throws {
        try withSandbox { sandbox in
            #expect(try ask(sandbox, "POST", "/faults", #"{"provider":"ses","kind":"refuse"}"#).status == 201)
            #expect(throws: WireClient.Refused.byKernel) { _ = try WireClient(port: sandbox.ports.ses) }
            #expect(try ask(sandbox, "DELETE", "/faults").status == 200)
            _ = try WireClient(port: sandbox.ports.ses)
        }
    }

    @Test func `the journal and its summary are told as JSON`() throws {
        try withSandbox { sandbox in
            let fixture = Fixture(sandbox)
            for _ in 0..<2 {
                let client = try WireClient(port: sandbox.ports.sendGrid)
                client.send(try fixture.mail(for: .sendgrid))
                #expect(client.answer()?.status == 202)
            }
            let summary = try ask(sandbox, "GET", "/journal/summary").json
            #expect(summary["distinct_messages"]?.integer == 1 && summary["duplicates"]?.integer == 1)
            #expect(summary["duplicate_ids"]?[0]?.string == "\(fixture.message)")
            #expect(summary["providers"]?["sendgrid"]?["taken"]?.integer == 2)
            #expect(summary["providers"]?["sendgrid"]?["connections"]?.integer == 2)
            #expect(summary["providers"]?["apns"]?["max_streams"]?.integer == 0)
            let page = try ask(sandbox, "GET", "/journal?provider=sendgrid&limit=1").json
            let entry = page["entries"]?[0]
            #expect(entry?["message_id"]?.string == "\(fixture.message)")
            #expect(entry?["attempt_id"]?.string == "\(fixture.attempt)")
            #expect(entry?["taken"]?.bool == true && entry?["answered"]?.integer == 202)
            #expect(page["next_after"]?.integer == 1)
            #expect(try ask(sandbox, "GET", "/journal?after=1").json["entries"]?.array?.count == 1)
            #expect(try ask(sandbox, "DELETE", "/journal").status == 204)
            #expect(sandbox.journal.summary == .init())
        }
    }

    @Test(arguments: [
        ("POST", "/faults", "{", 400), ("POST", "/faults", #"{"provider":"ses"}"#, 400), ("GET", "/nothing", "", 404),
        ("PUT", "/faults", "", 405), ("GET", "/journal?limit=0", "", 400), ("GET", "/journal?what=1", "", 400),
        ("DELETE", "/faults?provider=nobody", "", 400),
    ])
    func `what is wrong is said`(method: String, path: String, body: String, status: Int) throws {
        try withSandbox { sandbox in
            let answer = try ask(sandbox, method, path, body)
            #expect(answer.status == status)
            #expect(answer.json["error"]?.string?.isEmpty == false)
        }
    }

    @Test func `the credentials for push are handed out, and access tokens taken back`() throws {
        try withSandbox { sandbox in
            let account = try ask(sandbox, "GET", "/service-account.json")
            #expect(String(decoding: account.body, as: UTF8.self) == sandbox.serviceAccount)
            #expect(account.json["token_uri"]?.string == "\(sandbox.fcmURL)/token")
            #expect(account.json["private_key"]?.string?.hasPrefix("-----BEGIN PRIVATE KEY-----") == true)
            let key = try ask(sandbox, "GET", "/apns-key.p8")
            #expect(String(decoding: key.body, as: UTF8.self) == sandbox.apnsKey)
            #expect(sandbox.apnsKey.hasPrefix("-----BEGIN PRIVATE KEY-----"))
            #expect(try ask(sandbox, "DELETE", "/access-tokens").json["revoked"]?.integer == 0)
        }
    }

    @Test func `the certificate's authority is handed out`() throws {
        try withSandbox { sandbox in
            let answer = try ask(sandbox, "GET", "/ca.pem")
            #expect(String(decoding: answer.body, as: UTF8.self) == sandbox.authority)
            #expect(sandbox.authority?.hasPrefix("-----BEGIN CERTIFICATE-----") == true)
        }
    }
}
