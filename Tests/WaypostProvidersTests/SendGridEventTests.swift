import Testing
import WaypostCore
import WaypostCrypto
import WaypostHTTP
import WaypostJSON

@testable import WaypostProviders

@Suite struct SendGridSignatureTests {
    private static let mine = "sendgrid_event_webhook"

    @Test func `every vector comes out`() throws {
        let cases = try #require(Fixture.vectors(Self.mine)["cases"]?.array)
        #expect(cases.count == 15)
        for item in cases {
            let name = item["name"]?.string ?? ""
            let body = try #require(Base64.decode(item["body_b64"]?.string ?? ""))
            let timestamp = item["timestamp_header"]?.string ?? ""
            let now = item["now"]?.integer ?? Int64(timestamp) ?? 0
            let callback = Fixture.callback(
                body,
                HTTPHeaders([
                    "X-Twilio-Email-Event-Webhook-Signature": item["signature_header"]?.string ?? "",
                    "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
                ]), tolerance: .seconds(item["tolerance_s"]?.integer ?? 86_400))
            let isGenuine = item["expect_valid"] == .bool(true)
            let provider = Fixture.sendGrid(keys: item["public_key"]?.string)
            #expect(provider.webhookKeys.count == 1, "\(name)")
            let verdict = provider.verdict(on: callback, certificates: [:], at: Timestamp(milliseconds: now * 1000))
            #expect((verdict == .genuine) == isGenuine, "\(name): \(verdict)")
            let other =
                "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaI"
                + "NXvVpiglSI8eNEc6wEA3F+g=="
            let both = Fixture.sendGrid(keys: other, item["public_key"]?.string)
            let again = both.verdict(on: callback, certificates: [:], at: Timestamp(milliseconds: now * 1000))
            #expect((again == .genuine) == isGenuine, "\(name), by the key before")
        }
    }

    @Test func `without a key nothing is genuine, and nothing is waited for`() throws {
        let item = try #require(Fixture.vectors(Self.mine)["cases"]?[0])
        let none = Fixture.sendGrid(keys: nil)
        #expect(none.evidence == .none && !none.reportsDelivery)
        let keyed = Fixture.sendGrid(keys: item["public_key"]?.string)
        #expect(keyed.evidence == .callback && keyed.reportsDelivery)
        let verdict = none.verdict(on: try signed([1], at: Fixture.now), certificates: [:], at: Fixture.now)
        #expect(verdict == .refused("webhook_public_key is not set"))
    }

    @Test(arguments: [
        nil, "", " ", "0", "-1736942400", "+1736942400", "1736942400.0", "1736942400 ", "99999999999999999999",
    ])
    func `another time in the header is refused`(text: String?) throws {
        let provider = try keyed()
        var callback = try signed([1], at: Fixture.now)
        #expect(provider.verdict(on: callback, certificates: [:], at: Fixture.now) == .genuine)
        callback.request.headers[SendGrid.timestampHeader] = text
        #expect(provider.verdict(on: callback, certificates: [:], at: Fixture.now) != .genuine)
    }

    @Test(arguments: [nil, "", "=", "AAAA", "MEUCIQ==", "\u{FFFD}", String(repeating: "A", count: 4096)])
    func `another signature is refused`(text: String?) throws {
        let provider = try keyed()
        var callback = try signed([1], at: Fixture.now)
        callback.request.headers[SendGrid.signatureHeader] = text
        #expect(provider.verdict(on: callback, certificates: [:], at: Fixture.now) != .genuine)
    }

    @Test func `a time far off is refused, past or future`() throws {
        let provider = try keyed()
        for (seconds, isFresh) in [(-600, true), (-601, false), (600, true), (601, false)] {
            let callback = try signed([1], at: Fixture.now + .seconds(seconds))
            let verdict = provider.verdict(on: callback, certificates: [:], at: Fixture.now)
            #expect((verdict == .genuine) == isFresh, "\(seconds)")
        }
    }

    @Test func `a megabyte is checked whole`() throws {
        var body = [UInt8](repeating: 0x20, count: 1 << 20)
        let provider = try keyed()
        var callback = try signed(body, at: Fixture.now)
        #expect(provider.verdict(on: callback, certificates: [:], at: Fixture.now) == .genuine)
        body[1 << 19] ^= 1
        callback.request.body = body
        #expect(provider.verdict(on: callback, certificates: [:], at: Fixture.now) != .genuine)
    }

    private func keyed() throws -> SendGrid {
        Fixture.sendGrid(keys: try Fixture.vectors(Self.mine)["cases"]?[2]?["public_key"]?.string)
    }

    private func signed(_ body: [UInt8], at time: Timestamp) throws -> Callback {
        let pem = try #require(Fixture.vectors(Self.mine)["private_key_pem_for_more_tests"]?.string)
        let key = try SigningKey(pem: pem, algorithm: .es256)
        let timestamp = String(time.unixSeconds)
        let raw = key.signature(of: Array(timestamp.utf8) + body)
        return Fixture.callback(
            body,
            HTTPHeaders([SendGrid.timestampHeader: timestamp, SendGrid.signatureHeader: Base64.encode(Self.der(raw))]))
    }

    /// Of r and s side by side (RFC 3279 section 2.2.3).
    private static func der(_ raw: [UInt8]) -> [UInt8] {
        let integers = [raw.prefix(32), raw.suffix(32)].flatMap { half -> [UInt8] in
            var value = Array(half.drop { $0 == 0 })
            if value.first.map({ $0 >= 0x80 }) ?? true { value.insert(0, at: 0) }
            return [0x02, UInt8(value.count)] + value
        }
        return [0x30, UInt8(integers.count)] + integers
    }
}

@Suite struct SendGridEventTests {
    private func receipts(_ body: String) -> [Receipt] {
        Fixture.sendGrid.news(in: Fixture.callback(Array(body.utf8)), at: Fixture.now).receipts
    }

    private func receipt(_ members: String) throws -> Receipt {
        try #require(
            receipts(#"[{"email":"a@example.com","timestamp":1736942400,"sg_event_id":"e",\#(members)}]"#).first)
    }

    @Test func `the samples come out`() throws {
        let samples = try #require(Fixture.vectors("webhook_payload_samples")["samples"]?.array)
            .filter { $0["provider"] == "sendgrid" }
        #expect(samples.count == 3)
        for sample in samples {
            let receipts = receipts(sample["body"]?.string ?? "")
            for expected in sample["expect"]?.array ?? [] {
                let id = expected["event_id"]?.string ?? ""
                let receipt = receipts.first { $0.id == id }
                let words = ["accepted": ["taken"], "failed": ["failed", "bounced"]]
                let effect = expected["effect"]?.string ?? ""
                guard effect != "ignored" else { #expect(receipt == nil); continue }
                #expect((words[effect] ?? [effect]).contains(receipt?.word ?? ""), "\(id)")
                #expect(receipt?.at == Timestamp(milliseconds: 1_736_942_400_000))
                #expect(receipt?.address == "a@example.com")
                switch expected["suppress"] {
                case .string("all"):
                    #expect(receipt?.suppression == .unsubscribe && receipt?.sparesTransactional == false)
                case .string("group:10"):
                    #expect(receipt?.suppression == .unsubscribe && receipt?.sparesTransactional == true)
                    #expect(receipt?.detail == "group:10")
                case .string(let reason): #expect(receipt?.suppression?.rawValue == reason)
                case .null: #expect(receipt?.suppression == nil)
                default:  // said of none but failures
                    #expect(receipt?.suppression == (effect == "failed" ? .hardBounce : nil), "\(id)")
                }
                if expected["lift"] == "group:10" { #expect(receipt?.detail == "group:10") }
                if id != "c1" { #expect(receipt?.reference == "14c5d75ce93") }
            }
        }
    }

    @Test func `our ids come back from flat arguments`() throws {
        let receipt = try receipt(
            #""event":"delivered","waypost_message":"\#(Fixture.id)","waypost_attempt":"\#(Fixture.attempt)""#)
        #expect(receipt.message == Fixture.id && receipt.attempt == Fixture.attempt)
        let foreign = try self.receipt(#""event":"delivered","waypost_message":"msg_x","waypost_attempt":7"#)
        #expect(foreign.message == nil && foreign.attempt == nil)
    }

    @Test(
        arguments: [
            ("Bounced Address", .refusedRecipient, .hardBounce),
            ("Unsubscribed Address", .refusedRecipient, .unsubscribe),
            ("Spam Reporting Address", .refusedRecipient, .complaint), ("Invalid", .refusedRecipient, .invalidAddress),
            ("Spam Content (if Spam Checker app is enabled)", .refusedMessage, nil),
            ("Recipient List over Package Quota", .unsuitable, nil), ("Invalid SMTPAPI header", .refusedMessage, nil),
            ("Something new", .unavailable, nil),
        ] as [(String, Failure.Kind, Suppression.Reason?)])
    func `what was dropped failed for its reason`(
        reason: String, kind: Failure.Kind, suppression: Suppression.Reason?
    ) throws {
        let receipt = try receipt(#""event":"dropped","status":"5.0.0","reason":"\#(reason)""#)
        #expect(receipt.word == "failed")
        #expect(receipt.failure?.kind == kind)
        #expect(receipt.failure?.breaker == BreakerEffect.none)
        #expect(receipt.failure?.suppression == suppression && receipt.suppression == suppression)
        #expect(receipt.failure?.detail == "SendGrid dropped it: \(reason)")
        #expect(receipt.code == "5.0.0")
    }

    @Test func `every event of the taxonomy has the class that is written there`() throws {
        let rows = try #require(Fixture.vectors("error_taxonomy")["sendgrid_events"]?.array)
        #expect(rows.count == 14)
        for row in rows {
            let code = row["code"]?.string ?? ""
            let members: String
            if code.hasPrefix("dropped: ") {
                members = #""event":"dropped","reason":"\#(code.dropFirst("dropped: ".count))""#
            } else if code.hasPrefix("bounce type=") {
                members = #""event":"bounce","type":"\#(code.dropFirst("bounce type=".count))""#
            } else {
                members = #""event":"\#(code)","asm_group_id":10"#
            }
            let receipt = try receipt(members)
            switch row["class"]?.string {
            case "ignore": #expect(receipt.failure == nil && receipt.suppression == nil, "\(code)")
            case "opt_out":
                #expect(receipt.suppression != nil, "\(code)")
                if let failure = receipt.failure { #expect(failure.kind == .refusedRecipient, "\(code)") }
            case let word:
                #expect(receipt.failure?.kind == Failure.Kind(taxonomy: word), "\(code)")
                #expect(receipt.failure?.breaker == BreakerEffect(taxonomy: row["breaker"]?.string), "\(code)")
                #expect((receipt.suppression != nil) == (word == "suppress_recipient"), "\(code)")
            }
        }
    }

    @Test(arguments: [
        (#""type":"bounce","status":"5.1.1""#, true), (#""type":"blocked","status":"5.7.1""#, false),
        (#""type":"expired""#, false), (#""status":"5.1.1""#, true), (#""status":"4.2.2""#, false),
        (#""type":"new""#, false),
    ])
    func `only a hard bounce is held against the address`(members: String, isHard: Bool) throws {
        let receipt = try receipt(#""event":"bounce",\#(members)"#)
        #expect(receipt.word == "bounced")
        #expect(receipt.failure?.kind == (isHard ? .refusedRecipient : .unavailable))
        #expect(receipt.suppression == (isHard ? .hardBounce : nil))
    }

    @Test func `words of a mail server lose the address and stay one line`() throws {
        let receipt = try receipt(
            #""event":"bounce","type":"bounce","reason":"550 5.1.1 <a@example.com> is\r\nunknown","response":"x b@y.example""#
        )
        #expect(receipt.failure?.detail == "SendGrid could not deliver it: 550 5.1.1 <address> is  unknown")
        #expect(receipt.detail == "550 5.1.1 <address> is  unknown")
        #expect(receipt.fact("response") == "x <address>")
    }

    @Test func `a reader's address is not kept, a server's is`() throws {
        for event in ["open", "click", "spamreport", "unsubscribe"] {
            let receipt = try receipt(
                #""event":"\#(event)","ip":"203.0.113.9","useragent":"Mozilla/5.0","url":"https://x.example/","#
                    + #""sg_machine_open":true"#)
            #expect(receipt.fact("ip") == nil)
            #expect(receipt.fact("useragent") == "Mozilla/5.0" && receipt.fact("url") == "https://x.example/")
            #expect(receipt.fact("sg_machine_open") == "true")
        }
        let receipt = try receipt(#""event":"delivered","ip":"198.51.100.1","tls":1,"attempt":"5""#)
        #expect(receipt.fact("ip") == "198.51.100.1" && receipt.fact("tls") == "1" && receipt.fact("attempt") == "5")
    }

    @Test(
        arguments: [
            ("1736942400", 1_736_942_400_000), ("1736942400123", 1_736_942_400_123),
            (#""1736942400""#, 1_736_942_400_000),
            ("1736942400.5", 1_736_942_400_500), ("-1", 1_736_942_400_000), ("1e300", 1_736_942_400_000),
            ("null", 1_736_942_400_000), (#""soon""#, 1_736_942_400_000),
        ] as [(String, Int64)])
    func `seconds are read, milliseconds too, and nonsense is now`(text: String, milliseconds: Int64) throws {
        let body = #"[{"email":"a@example.com","event":"open","sg_event_id":"e","timestamp":\#(text)}]"#
        #expect(receipts(body).first?.at.milliseconds == milliseconds)
    }

    @Test func `the same event under a new id has the same alias, another event another`() throws {
        let base = #""email":"a@example.com","sg_message_id":"m.1","#
        let events = [
            #"{\#(base)"event":"open","timestamp":1736942400,"sg_event_id":"1"}"#,
            #"{\#(base)"event":"open","timestamp":1736942400,"sg_event_id":"2"}"#,
            #"{\#(base)"event":"open","timestamp":1736942401,"sg_event_id":"3"}"#,
            #"{\#(base)"event":"click","url":"https://a.example","timestamp":1736942400,"sg_event_id":"4"}"#,
            #"{\#(base)"event":"click","url":"https://b.example","timestamp":1736942400,"sg_event_id":"5"}"#,
            #"{\#(base)"event":"open","timestamp":1736942400}"#,
        ]
        let receipts = receipts("[\(events.joined(separator: ","))]")
        #expect(receipts.prefix(5).map(\.id) == ["1", "2", "3", "4", "5"])
        #expect(receipts[0].alias == receipts[1].alias)
        #expect(Set(receipts.compactMap(\.alias)).count == 4)
        #expect(receipts[5].id == receipts[0].alias && receipts[5].alias == nil)
        #expect(receipts.allSatisfy { !($0.alias ?? "").contains("@") })
    }

    @Test(arguments: [
        "", "null", "[]", "[1,null,[],{}]", "{}", "hello", "[{]", #"[{"event":7}]"#, #"[{"event":"open"}]"#,
    ])
    func `what is no event is left out, and answered`(body: String) {
        let news = Fixture.sendGrid.news(in: Fixture.callback(Array(body.utf8)), at: Fixture.now)
        #expect(news.receipts.isEmpty && news.answer.status == 200)
    }

    @Test func `one event need not stand in an array`() {
        #expect(receipts(#"{"event":"open","email":"a@example.com","sg_event_id":"e"}"#).map(\.id) == ["e"])
    }

    @Test func `thousands of events are read in order`() {
        let events = (0..<4000).map { #"{"email":"a\#($0)@example.com","event":"delivered","sg_event_id":"e\#($0)"}"# }
        let receipts = receipts("[\(events.joined(separator: ","))]\r\n")
        #expect(receipts.map(\.id) == (0..<4000).map { "e\($0)" })
    }
}
