import Testing
import WaypostHTTP
import WaypostJSON

@testable import WaypostSandbox

/// The signatures of callbacks, held against the makers' own libraries and openssl. Skipped where those are not installed.
@Suite struct CallbackSignatureTests {
    private func verdicts(_ jobs: [JSONValue]) throws -> [String] {
        try Python.run("verify_callback", input: JSONValue.array(jobs).bytes)
    }

    @Test(.enabled(if: Python.has("sendgrid")))
    func `SendGrid's library believes the events, and not the forged ones`() throws {
        try withReceiver(change: { $0.transport.forge = 1 }) { sandbox, receiver in
            try sandbox.post(Fixture(sandbox).mail(for: .sendgrid), to: sandbox.ports.sendGrid)
            #expect(sandbox.isQuiet())
            let jobs = receiver.requests.map { $0.job("sendgrid", key: sandbox.webhookPublicKey, base: receiver.url) }
            // Processed and delivered together, and a forged post for each.
            #expect(try verdicts(jobs).sorted() == ["bad", "bad", "ok"])
            #expect(receiver.requests.allSatisfy { $0.body.suffix(2) == [0x0D, 0x0A] })
            #expect(sandbox.callbackCounts[.sendgrid]?.forged == 2)
            #expect(sandbox.callbackCounts[.sendgrid]?.forgedAccepted == 2, "this receiver believes all")
        }
    }

    @Test(.enabled(if: Python.has("twilio"))) func `Twilio's library believes statuses and inbound messages`() throws {
        try withReceiver { sandbox, receiver in
            let callback = "\(receiver.url)/webhooks/twilio/status?n=msg_1&a=att_%C3%A9"
            try sandbox.post(Self.message(sandbox, callback: callback), to: sandbox.ports.twilio)
            var stop = Inbound(.twilio, from: "whatsapp:+15558675310", to: "+15550100001", body: " STOP ü&= ")
            stop.mediaURLs = ["https://a.example/1.png"]
            #expect(sandbox.receive(stop))
            let requests = try receiver.take(3)
            let jobs = requests.map { $0.job("twilio", key: sandbox.settings.twilio.authToken, base: receiver.url) }
            #expect(try verdicts(jobs) == ["ok", "ok", "ok"])
            #expect(try verdicts(jobs.map { Self.altered($0) }) == ["bad", "bad", "bad"])
        }
    }

    @Test(.enabled(if: Python.has("messagebird")), arguments: [false, true])
    func `MessageBird's library believes reports, messages and inbound`(posts: Bool) throws {
        try withReceiver(change: { $0.messageBirdPosts = posts }) { sandbox, receiver in
            let callback = "\(receiver.url)/webhooks/messagebird/status?n=msg_1&a=att_1"
            try sandbox.post(Self.text(sandbox, callback: callback), to: sandbox.ports.messageBird)
            try sandbox.post(Self.chat(sandbox, callback: callback), to: sandbox.ports.messageBird)
            #expect(sandbox.receive(Inbound(.messagebird, from: "+15558675310", to: "15550100004", body: "stop é")))
            let requests = try receiver.take(5)
            let key = sandbox.settings.callbacks.messageBirdSigningKey
            let jobs = requests.map { $0.job("messagebird", key: key, base: receiver.url) }
            #expect(try verdicts(jobs) == Array(repeating: "ok", count: 5))
            #expect(try verdicts(jobs.map { Self.altered($0) }) == Array(repeating: "bad", count: 5))
            #expect(requests.filter { $0.method == "GET" }.count == (posts ? 0 : 2))
        }
    }

    @Test(.enabled(if: Python.has("ssl")), arguments: [1, 2])
    func `openssl believes SNS's messages with the certificate that their URL gives, and the subscription is confirmed`(
        version: Int
    ) throws {
        try withReceiver(change: { $0.signatureVersion = version }) { sandbox, receiver in
            sandbox.callBack(router: receiver.url)
            let invitation = try receiver.take(1)
            #expect(!sandbox.isSubscriptionConfirmed)
            try sandbox.post(Fixture(sandbox).mail(for: .ses), to: sandbox.ports.ses)
            let jobs = try (invitation + receiver.take(2)).map {
                $0.job("ses", key: "", base: receiver.url, ca: sandbox.authority)
            }
            #expect(try verdicts(jobs) == ["ok", "ok", "ok"])
            #expect(sandbox.isSubscriptionConfirmed)
            let notification = receiver.requests.last
            #expect(notification?.headers["Content-Type"] == "text/plain; charset=UTF-8")
            #expect(notification?.bodyJSON["SignatureVersion"]?.string == "\(version)")
            #expect(notification?.bodyJSON["TopicArn"]?.string == sandbox.settings.callbacks.topicARN)
        }
    }

    // MARK: Requests

    static func message(_ sandbox: Sandbox, callback: String, to: String = "+15558675310") -> [UInt8] {
        let account = sandbox.settings.twilio
        let form = Fixture.form([
            ("To", to), ("From", "+15550100001"), ("Body", "Hello"), ("StatusCallback", callback),
        ])
        var request = HTTPRequest(
            method: "POST", target: "\(sandbox.twilioURL)/2010-04-01/Accounts/\(account.accountSID)/Messages.json",
            body: form)
        request.headers["Content-Type"] = "application/x-www-form-urlencoded"
        request.headers["Authorization"] = Fixture.basic(account.accountSID, account.authToken)
        return request.wire
    }

    static func text(_ sandbox: Sandbox, callback: String) -> [UInt8] {
        let body: JSONValue = [
            "originator": "Example", "recipients": ["15558675310"], "body": "Hello", "reference": "msg_1",
            "reportUrl": .string(callback),
        ]
        let headers = HTTPHeaders(["Authorization": "AccessKey \(sandbox.settings.messageBirdKey)"])
        return HTTPRequest.post("\(sandbox.messageBirdURL)/messages", json: body.bytes, headers: headers).wire
    }

    static func chat(_ sandbox: Sandbox, callback: String) -> [UInt8] {
        let body: JSONValue = [
            "to": "+15558675310", "from": "5a4d0000000000000000000000000001", "type": "text",
            "content": ["text": "Hello"], "trackId": "msg_1", "reportUrl": .string(callback),
        ]
        let headers = HTTPHeaders(["Authorization": "AccessKey \(sandbox.settings.messageBirdKey)"])
        return HTTPRequest.post("\(sandbox.messageBirdURL)/v1/send", json: body.bytes, headers: headers).wire
    }

    /// With another URL: what a signature must cover.
    private static func altered(_ job: JSONValue) -> JSONValue {
        .object(
            (job.members ?? []).map { $0.name == "url" ? .init("url", .string(($0.value.string ?? "") + "0")) : $0 })
    }
}
