import Testing
import WaypostHTTP
import WaypostJSON

@testable import WaypostSandbox

/// Callbacks on the wire: what is told, in which order, and again where it was not taken.
@Suite struct CallbackTests {
    @Test func `SendGrid tells each recipient's steps with the custom arguments flat at the top`() throws {
        try withReceiver { sandbox, receiver in
            let fixture = Fixture(sandbox)
            let mail = try fixture.mail(for: .sendgrid, to: ["a@example.com", "b@example.com"])
            let id = try sandbox.post(mail, to: sandbox.ports.sendGrid).headers["X-Message-Id"] ?? ""
            #expect(sandbox.isQuiet())
            let events = receiver.requests.flatMap { $0.bodyJSON.array ?? [] }
            #expect(events.count == 4)
            for address in ["a@example.com", "b@example.com"] {
                let told = events.filter { $0["email"]?.string == address }
                #expect(told.map { $0["event"]?.string } == ["processed", "delivered"])
                #expect(told.allSatisfy { $0["waypost_message"]?.string == "\(fixture.message)" })
                #expect(told.allSatisfy { $0["waypost_attempt"]?.string == "\(fixture.attempt)" })
                #expect(told.allSatisfy { $0["sg_message_id"]?.string?.hasPrefix("\(id).filter") == true })
                #expect(told.allSatisfy { $0["timestamp"]?.integer != nil && $0["smtp-id"]?.string != nil })
            }
            #expect(Set(events.compactMap { $0["sg_event_id"]?.string }).count == 4)
            let counts = sandbox.callbackCounts[.sendgrid]
            #expect(counts?.events == 4 && counts?.accepted == 4 && counts?.deliveries == 2)
        }
    }

    @Test func `Twilio tells sent, then delivered, and nothing of the first status`() throws {
        try withReceiver { sandbox, receiver in
            let callback = "\(receiver.url)/webhooks/twilio/status?n=1&a=2"
            let answer = try sandbox.post(
                CallbackSignatureTests.message(sandbox, callback: callback), to: sandbox.ports.twilio)
            let told = try receiver.take(2)
            #expect(answer.json["status"]?.string == "queued")
            #expect(told.map { $0.form?["MessageStatus"] } == ["sent", "delivered"])
            #expect(told.allSatisfy { $0.form?["MessageSid"] == answer.json["sid"]?.string })
            #expect(told.allSatisfy { $0.target == "/webhooks/twilio/status?n=1&a=2" })
            #expect(
                told.allSatisfy { $0.headers["Content-Type"]?.hasPrefix("application/x-www-form-urlencoded") == true })
        }
    }

    @Test func `MessageBird's report is a GET with all in the query`() throws {
        try withReceiver { sandbox, receiver in
            let callback = "\(receiver.url)/webhooks/messagebird/status?n=1"
            try sandbox.post(CallbackSignatureTests.text(sandbox, callback: callback), to: sandbox.ports.messageBird)
            let told = try receiver.take(2)
            #expect(told.allSatisfy { $0.method == "GET" && $0.body.isEmpty })
            let fields = try #require(FormFields(told[1].query.utf8))
            #expect(fields["n"] == "1" && fields["reference"] == "msg_1" && fields["recipient"] == "15558675310")
            #expect(fields["status"] == "delivered" && fields["statusReason"] == "successfully delivered")
            #expect(fields["statusDatetime"]?.hasSuffix("+00:00") == true && fields["price[amount]"] != nil)
        }
    }

    @Test func `a post that was not taken is made again, the same, and then counted as taken once`() throws {
        try withReceiver(answers: [500, 503]) { sandbox, receiver in
            try sandbox.post(Fixture(sandbox).mail(for: .sendgrid), to: sandbox.ports.sendGrid)
            let posts = try receiver.take(3)
            #expect(sandbox.isQuiet())
            #expect(Set(posts.map(\.body)).count == 1)
            let counts = try #require(sandbox.callbackCounts[.sendgrid])
            #expect(counts.posts == 3 && counts.refused == 2 && counts.retried == 2 && counts.accepted == 2)
            #expect(counts.abandoned == 0 && counts.deliveries == 1)
        }
    }

    @Test func `Twilio gives up at once where it was refused`() throws {
        try withReceiver(answers: [403]) { sandbox, receiver in
            let callback = "\(receiver.url)/webhooks/twilio/status"
            try sandbox.post(CallbackSignatureTests.message(sandbox, callback: callback), to: sandbox.ports.twilio)
            #expect(try receiver.take(2).map { $0.form?["MessageStatus"] } == ["sent", "delivered"])
            #expect(sandbox.isQuiet())
            let counts = try #require(sandbox.callbackCounts[.twilio])
            #expect(counts.refused == 1 && counts.retried == 0 && counts.abandoned == 1 && counts.accepted == 1)
        }
    }

    @Test func `nobody at the URL: a bounded number of trials, and then the end`() throws {
        try withReceiver(change: { $0.sendGridURL = "http://127.0.0.1:1/webhooks/sendgrid" }) { sandbox, _ in
            try sandbox.post(Fixture(sandbox).mail(for: .sendgrid), to: sandbox.ports.sendGrid)
            #expect(sandbox.isQuiet())
            let counts = try #require(sandbox.callbackCounts[.sendgrid])
            #expect(counts.unanswered == 6 && counts.retried == 5 && counts.abandoned == 2)
        }
    }

    @Test func `strangers are not called`() throws {
        try withReceiver { sandbox, receiver in
            let callback = "https://waypost.example.com/webhooks/twilio/status"
            try sandbox.post(CallbackSignatureTests.message(sandbox, callback: callback), to: sandbox.ports.twilio)
            #expect(sandbox.isQuiet())
            #expect(sandbox.callbackCounts[.twilio]?.skipped == 2 && sandbox.callbackCounts[.twilio]?.posts == 0)
        }
    }

    @Test func `silenced, nothing is told`() throws {
        try withReceiver(change: { $0.isOn = false }) { sandbox, receiver in
            try sandbox.post(Fixture(sandbox).mail(for: .sendgrid), to: sandbox.ports.sendGrid)
            #expect(sandbox.callbacksUnderWay == 0 && receiver.requests.isEmpty)
        }
    }

    @Test func `what was taken is told although the answer was lost`() throws {
        try withReceiver { sandbox, receiver in
            try sandbox.setFault(Fault(.sendgrid, .reset(.after), count: 1))
            let client = try WireClient(port: sandbox.ports.sendGrid)
            client.send(try Fixture(sandbox).mail(for: .sendgrid))
            #expect(client.untilEnd() == .reset)
            #expect(sandbox.isQuiet())
            #expect(sandbox.callbackCounts[.sendgrid]?.deliveries == 1)
        }
    }

    @Test func `notifications wait for the confirmation where that is asked for`() throws {
        try withReceiver(change: { $0.waitsForConfirmation = true }) { sandbox, receiver in
            sandbox.callBack(router: receiver.url)
            let invitation = try #require(try receiver.take(1).first).bodyJSON
            #expect(invitation["Type"]?.string == "SubscriptionConfirmation")
            try sandbox.post(Fixture(sandbox).mail(for: .ses), to: sandbox.ports.ses)
            #expect(receiver.requests.count == 1)
            let url = try #require(invitation["SubscribeURL"]?.string)
            let target = String(url.dropFirst(sandbox.snsURL.count))
            let answer = sandbox.callbacks.topic.conclude(
                HTTPRequest(method: "GET", target: target), under: nil, on: 1)
            #expect(answer.answer.status == 200)
            let told = try receiver.take(2)
            #expect(told.allSatisfy { $0.bodyJSON["Type"]?.string == "Notification" })
        }
    }

    @Test func `the mailbox simulator's addresses behave so`() throws {
        let expected: [(String, [String])] = [
            ("bounce+x@simulator.amazonses.com", ["Send", "Bounce"]),
            ("complaint@simulator.amazonses.com", ["Send", "Delivery", "Complaint"]),
            ("suppressionlist@simulator.amazonses.com", ["Send", "Bounce"]),
            ("success@simulator.amazonses.com", ["Send", "Delivery"]),
        ]
        for (address, types) in expected {
            try withReceiver(change: { $0.sendGridURL = nil }) { sandbox, receiver in
                sandbox.callbacks.change { $0.settings.sesURL = receiver.url + "/webhooks/ses" }
                _ = try receiver.take(1)
                let fixture = Fixture(sandbox)
                try sandbox.post(fixture.mail(for: .ses, to: [address]), to: sandbox.ports.ses)
                #expect(sandbox.isQuiet())
                let events = receiver.requests.dropFirst().map {
                    (try? JSONValue(parsing: Array(($0.bodyJSON["Message"]?.string ?? "").utf8))) ?? .null
                }
                #expect(events.map { $0["eventType"]?.string } == types, "\(address)")
                #expect(
                    events.allSatisfy { $0["mail"]?["tags"]?["waypost_message"]?[0]?.string == "\(fixture.message)" })
                #expect(events.allSatisfy { $0["mail"]?["destination"]?[0]?.string == address })
            }
        }
    }

    @Test func `ten thousand events leave in batches`() throws {
        try withReceiver(change: { $0.transport.delay = .zero ... .milliseconds(1) }) { sandbox, receiver in
            let mail: JSONValue = [
                "personalizations": .array(
                    (0..<1_000).map { number in
                        ["to": [["email": .string("a\(number)@example.com")]], "custom_args": ["waypost_message": "m"]]
                    })
            ]
            for number in 0..<5 { sandbox.callbacks.taken(.sendGrid(mail, id: "id\(number)"), at: 0) }
            #expect(sandbox.isQuiet())
            #expect(sandbox.callbackCounts[.sendgrid]?.accepted == 10_000)
            #expect(receiver.requests.count < 200)
        }
    }

    // MARK: Control

    private func ask(_ sandbox: Sandbox, _ method: String, _ path: String, _ body: String = "") throws -> HTTPResponse {
        let request = HTTPRequest(method: method, target: "\(sandbox.controlURL)\(path)", body: Array(body.utf8))
        return try sandbox.post(request.wire, to: sandbox.ports.control)
    }

    @Test func `the control API sets outcomes, shows keys and counts, and sends inbound messages`() throws {
        try withReceiver(change: { $0.twilioInboundURL = nil }) { sandbox, receiver in
            let early = try ask(
                sandbox, "POST", "/inbound", #"{"provider":"twilio","from":"+1555","to":"+1556","body":"Hi"}"#)
            #expect(early.status == 409)
            let set = try ask(
                sandbox, "POST", "/outcomes",
                #"{"provider":"twilio","outcome":"undelivered","detail":"30005","recipient":"+1555*"}"#)
            #expect(set.status == 201 && set.json["id"]?.integer == 1)
            let callback = "\(receiver.url)/webhooks/mine/status?n=1"
            try sandbox.post(CallbackSignatureTests.message(sandbox, callback: callback), to: sandbox.ports.twilio)
            #expect(try receiver.take(2).last?.form?["ErrorCode"] == "30005")
            #expect(try ask(sandbox, "GET", "/outcomes").json["outcomes"]?[0]?["strikes"]?.integer == 1)
            #expect(try ask(sandbox, "DELETE", "/outcomes?id=1").json["lifted"]?.integer == 1)
            // Beside the status callback that was named last.
            let message = #"{"provider":"twilio","from":"+1555","to":"+1556","body":"STOP","opt_out_type":"STOP"}"#
            #expect(try ask(sandbox, "POST", "/inbound", message).status == 202)
            let inbound = try #require(try receiver.take(1).first)
            #expect(inbound.target == "/webhooks/mine/inbound" && inbound.form?["OptOutType"] == "STOP")
            #expect(sandbox.isQuiet())
            let state = try ask(sandbox, "GET", "/callbacks").json
            #expect(state["counts"]?["twilio"]?["accepted"]?.integer == 3)
            #expect(state["keys"]?["webhook_public_key"]?.string == sandbox.webhookPublicKey)
            #expect(sandbox.webhookPublicKey.hasPrefix("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE"))
            #expect(try ask(sandbox, "GET", "/").json["callbacks"]?["twilio"]?["posts"]?.integer == 3)
        }
    }

    @Test(arguments: [
        (#"{"router":"http://elsewhere.example"}"#, "router"), (#"{"loss":2}"#, "loss"),
        (#"{"delay_ms":[5,1]}"#, "delay_ms"), (#"{"provider":"smtp","loss":0.1}"#, "smtp"),
        (#"{"lost":0.1}"#, "lost"),
    ])
    func `what cannot be is refused with its name`(body: String, name: String) throws {
        try withReceiver { sandbox, _ in
            let answer = try ask(sandbox, "POST", "/callbacks", body)
            #expect(answer.status == 400)
            #expect(answer.json["error"]?.string?.contains(name == "smtp" ? "provider" : name) == true)
        }
    }

    @Test func `how callbacks travel is set for one provider or for all`() throws {
        try withReceiver { sandbox, _ in
            let one = #"{"provider":"twilio","duplicate":0.5,"delay_ms":[1,2],"seed":7}"#
            #expect(try ask(sandbox, "POST", "/callbacks", one).status == 200)
            #expect(try ask(sandbox, "POST", "/callbacks", #"{"router":"http://127.0.0.1:9"}"#).status == 200)
            let state = try ask(sandbox, "GET", "/callbacks").json
            #expect(state["transport"]?["twilio"]?["duplicate"] == .number(0.5))
            #expect(state["transport"]?["twilio"]?["delay_ms"] == [1, 2])
            #expect(state["transport"]?["ses"]?["duplicate"] == .number(0))
            #expect(state["urls"]?["ses_url"]?.string == "http://127.0.0.1:9/webhooks/ses")
        }
    }
}
