import Testing
import WaypostConfiguration
import WaypostCore
import WaypostHTTP
import WaypostJSON

@testable import WaypostProviders

@Suite struct StandardWebhooksTests {
    @Test func `every vector comes out`() throws {
        let cases = try #require(Fixture.vectors("standard_webhooks")["cases"]?.array)
        #expect(cases.count == 15)
        for item in cases {
            let name = item["name"]?.string ?? ""
            let key = try #require(StandardWebhooks.Key(item["secret"]?.string ?? ""), "\(name)")
            #expect(
                (verdict(on: item, by: [key]) == .genuine) == (item["expect_valid"] == .bool(true)), "\(name)")
        }
    }

    @Test func `an Ed25519 signature is verified by its public key alone`() throws {
        let item = try #require(Fixture.vectors("standard_webhooks")["asymmetric"]?[0])
        let key = try #require(StandardWebhooks.Key(item["public_key"]?.string ?? ""))
        let other = try #require(StandardWebhooks.Key("whpk_" + String(repeating: "A", count: 43)))
        #expect(verdict(on: item, by: [key]) == .genuine)
        #expect(verdict(on: item, by: [other]) == .refused("no signature is right"))
        #expect(verdict(on: item, by: [other, key]) == .genuine)
        #expect(!key.canSign)
        #expect(StandardWebhooks.sign(id: "evt_1", timestamp: Fixture.now, body: [1], secrets: [key]).isEmpty)
    }

    @Test func `the reference libraries' constant is what we sign`() throws {
        let key = try #require(StandardWebhooks.Key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let signature = StandardWebhooks.sign(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: Timestamp(milliseconds: 1_614_265_330_999),
            body: Array(#"{"test": 2432232314}"#.utf8), secrets: [key])
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func `two secrets make two signatures, and either one verifies`() throws {
        let keys = try ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw"].map {
            try #require(StandardWebhooks.Key($0))
        }
        #expect(keys.map(\.size) == [24, 28])
        let header = StandardWebhooks.sign(id: "evt_1", timestamp: Fixture.now, body: [0xFF, 0], secrets: keys)
        #expect(header.split(separator: " ").count == 2)
        let headers = HTTPHeaders([
            "Webhook-Id": "evt_1", "Webhook-Timestamp": "1736942400", "Webhook-Signature": header,
        ])
        for key in keys {
            let verdict = StandardWebhooks.verify(
                headers: headers, body: [0xFF, 0], secrets: [key], now: Fixture.now, tolerance: .seconds(300))
            #expect(verdict == .genuine)
        }
    }

    @Test(arguments: ["", "whsec_", "whsec_***", "whpk_AAAA", "whsec_A", "whpk_"])
    func `what is no secret makes no key`(text: String) { #expect(StandardWebhooks.Key(text) == nil) }

    @Test func `a key shows nothing when printed`() throws {
        let key = try #require(StandardWebhooks.Key(Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")))
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!dumped.contains("MfKQ") && "\(key)" == "StandardWebhooks.Key")
    }

    @Test func `headers that lack or hold nothing of use are refused`() throws {
        let key = try #require(StandardWebhooks.Key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let whole: KeyValuePairs = [
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ]
        for (name, _) in whole {
            for value in [nil, "", " ", "v1,", ",", "99999999999999999999", "-1614265330", "+1614265330"] {
                var headers = HTTPHeaders(whole)
                headers[name] = value
                let verdict = StandardWebhooks.verify(
                    headers: headers, body: Array(#"{"test": 2432232314}"#.utf8), secrets: [key],
                    now: Timestamp(milliseconds: 1_614_265_330_000), tolerance: .seconds(300))
                #expect(verdict != .genuine, "\(name): \(value ?? "nil")")
            }
        }
    }

    private func verdict(on item: JSONValue, by keys: [StandardWebhooks.Key]) -> CallbackVerdict {
        var headers = HTTPHeaders()
        for member in item["headers"]?.members ?? [] { headers.add(member.name, member.value.string ?? "") }
        return StandardWebhooks.verify(
            headers: headers, body: Array((item["body"]?.string ?? "").utf8), secrets: keys,
            now: Timestamp(milliseconds: (item["now"]?.integer ?? 0) * 1000),
            tolerance: .seconds(item["tolerance_s"]?.integer ?? 300))
    }
}

@Suite struct StripeSignatureTests {
    @Test func `every vector comes out`() throws {
        let cases = try #require(Fixture.vectors("stripe_style_signature")["cases"]?.array)
        #expect(cases.count == 14)
        for item in cases {
            let name = item["name"]?.string ?? ""
            let key = try #require(StripeSignature.Key(Secret(item["secret"]?.string ?? "")))
            let other = try #require(StripeSignature.Key(Secret("whsec_of_before")))
            let isGenuine = item["expect_valid"] == .bool(true)
            #expect((verdict(item["header"]?.string, on: item, by: [key]) == .genuine) == isGenuine, "\(name)")
            #expect((verdict(item["header"]?.string, on: item, by: [other, key]) == .genuine) == isGenuine, "\(name)")
        }
    }

    @Test(arguments: [nil, "t", "=", ",,,", "t=,v1=", "t=1736942400", "t=1736942400,v1", "t=1736942400,v1=", "v1=,t=x"])
    func `a header that lacks or holds nothing of use is refused`(header: String?) throws {
        let item = try #require(Fixture.vectors("stripe_style_signature")["cases"]?[0])
        let key = try #require(StripeSignature.Key(Secret(item["secret"]?.string ?? "")))
        #expect(verdict(header, on: item, by: [key]) != .genuine)
    }

    @Test func `an empty secret makes no key`() { #expect(StripeSignature.Key(Secret("")) == nil) }

    private func verdict(_ header: String?, on item: JSONValue, by keys: [StripeSignature.Key]) -> CallbackVerdict {
        var headers = HTTPHeaders()
        headers["stripe-signature"] = header
        return StripeSignature.verify(
            headers: headers, body: Array((item["body"]?.string ?? "").utf8), secrets: keys,
            now: Timestamp(milliseconds: (item["now"]?.integer ?? 0) * 1000),
            tolerance: .seconds(item["tolerance_s"]?.integer ?? 300))
    }
}
