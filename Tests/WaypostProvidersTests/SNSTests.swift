import Testing
import WaypostConfiguration
import WaypostCore
import WaypostCrypto
import WaypostHTTP
import WaypostJSON

@testable import WaypostProviders

@Suite struct SNSTests {
    private let file: JSONValue

    init() throws { file = try Fixture.vectors("sns_messages") }

    private func pem(_ name: String = "cert_pem") -> [UInt8] { Array((file[name]?.string ?? "").utf8) }

    @Test func `every message of the vectors comes out`() throws {
        let cases = try #require(file["cases"]?.array)
        #expect(cases.count == 20)
        for item in cases {
            let name = item["name"]?.string ?? ""
            let provider = Fixture.ses((item["allowed_topic_arns"]?.array ?? []).compactMap(\.string))
            let callback = callback(item)
            let url = (try? JSONValue(parsing: callback.request.body))?["SigningCertURL"]?.string ?? ""
            let certificates = [url: pem(item["cert"] == "other_cert" ? "other_cert_pem" : "cert_pem")]
            let isGenuine = item["expect_valid"] == .bool(true)
            // Twice: the second time the certificate has been read.
            for _ in 0..<2 {
                let verdict = provider.verdict(on: callback, certificates: certificates, at: Fixture.now)
                #expect((verdict == .genuine) == isGenuine, "\(name): \(verdict)")
            }
            if isGenuine {
                #expect(
                    provider.verdict(on: callback, certificates: [:], at: Fixture.now) == .certificate(url: url),
                    "\(name)")
                let text = try SNSMessage(callback.request.body).signedText
                #expect(String(decoding: text, as: UTF8.self) == item["string_to_sign"]?.string, "\(name)")
            }
        }
    }

    @Test(arguments: [
        "NEG topic not ours, signature right", "NEG certificate url not https",
        "NEG SubscribeURL not an SNS host, signature right", "NEG no Signature", "NEG unknown version",
    ])
    func `nothing is fetched for a message that would be refused anyway`(name: String) throws {
        let item = try #require(file["cases"]?.array?.first { $0["name"] == .string(name) })
        let verdict = Fixture.ses([Fixture.topic]).verdict(on: callback(item), certificates: [:], at: Fixture.now)
        guard case .refused = verdict else { Issue.record("\(verdict)"); return }
    }

    @Test func `every URL of the vectors comes out`() throws {
        let urls = try #require(file["signing_cert_urls"]?.array)
        #expect(urls.count == 18)
        for item in urls {
            let url = item["url"]?.string ?? ""
            let host = url.dropFirst("https://".count).prefix { $0 != "/" }
            let region = host.hasPrefix("sns.") ? host.split(separator: ".").dropFirst().first ?? "" : "us-east-1"
            let isTaken = SNSAddress(endpoint: nil).isCertificate(url, region: String(region))
            #expect(isTaken == (item["allowed"] == .bool(true)), "\(url)")
        }
    }

    @Test(arguments: [
        ("https://sns.us-east-1.amazonaws.com/x.pem", true), ("https://sns.eu-west-1.amazonaws.com/x.pem", false),
        ("https://sns.us-east-1.amazonaws.com\\@evil.example/x.pem", false),
        ("https://sns.us-east-1.amazonaws.com/x.pem#", false), ("https://sns.us-east-1.amazonaws.com", false),
        ("https://sns.us-east-1.amazonaws.com?x.pem", false), ("https:///x.pem", false),
        ("https://127.0.0.1:4443/x.pem", true), ("https://127.0.0.1:44431/x.pem", false),
        ("https://127.0.0.1:4443@evil.example/x.pem", false), ("https://127.0.0.1:4443.evil.example/x.pem", false),
        ("https://127.0.0.1/x.pem", false), ("http://127.0.0.1:4443/x.pem", false),
        ("https://127.0.0.1:4443/x.pem?y", false), ("https://127.0.0.1:4443/x", false),
    ])
    func `beside the region's own host only the endpoint is trusted`(url: String, isTaken: Bool) {
        let addresses = SNSAddress(endpoint: "https://127.0.0.1:4443")
        #expect(addresses.isCertificate(url, region: "us-east-1") == isTaken)
    }

    // MARK: Freshly signed

    @Test func `a message may be an hour late, and longer where the entry says so`() throws {
        let provider = Fixture.ses([Fixture.topic])
        for (seconds, tolerance, isFresh) in [
            (3600, 600, true), (3601, 600, false), (-3600, 600, true), (-3601, 600, false), (7200, 7200, true),
        ] {
            let callback = try signed(tolerance: .seconds(tolerance))
            let verdict = provider.verdict(
                on: callback, certificates: [Fixture.certificateURL: pem()], at: Fixture.now + .seconds(seconds))
            #expect((verdict == .genuine) == isFresh, "\(seconds)")
        }
    }

    @Test func `a certificate counts while it holds`() throws {
        let provider = Fixture.ses([Fixture.topic])
        let after = try #require(Timestamp("2050-01-01T00:00:01Z"))
        let verdict = provider.verdict(
            on: try signed { $0["Timestamp"] = "2050-01-01T00:00:00Z" },
            certificates: [Fixture.certificateURL: pem()], at: after)
        #expect(verdict == .refused("its certificate is out of date"))
    }

    @Test func `the header must say what the body says`() throws {
        let provider = Fixture.ses([Fixture.topic])
        let changes: [(String, String?)] = [
            ("x-amz-sns-message-type", nil), ("x-amz-sns-message-type", "SubscriptionConfirmation"),
            ("x-amz-sns-message-id", "another"), ("x-amz-sns-topic-arn", Fixture.topic + "2"),
            ("x-amz-sns-rawdelivery", "true"),
        ]
        for (name, value) in changes {
            var callback = try signed()
            #expect(verdict(provider, callback) == .genuine)
            callback.request.headers[name] = value
            #expect(verdict(provider, callback) != .genuine, "\(name)")
        }
    }

    @Test func `version 1 can be refused`() throws {
        let item = try #require(file["cases"]?[0])
        let strict = Fixture.ses([Fixture.topic]) { $0.refusesSNSVersion1 = true }
        let verdict = strict.verdict(on: callback(item), certificates: [:], at: Fixture.now)
        #expect(verdict == .refused("it is signed by SHA-1: set the topic's SignatureVersion to 2"))
        #expect(self.verdict(strict, try signed()) == .genuine)
    }

    @Test func `a bad certificate is refused, and the next one is read anew`() throws {
        let provider = Fixture.ses([Fixture.topic])
        let callback = try signed()
        for bytes in [[], Array("hello".utf8)] {
            let verdict = provider.verdict(
                on: callback, certificates: [Fixture.certificateURL: bytes], at: Fixture.now)
            #expect(verdict == .refused("its certificate is no X.509 certificate in PEM"))
        }
        #expect(verdict(provider, callback) == .genuine)
        let other = [Fixture.certificateURL: pem("other_cert_pem")]
        #expect(
            provider.verdict(on: callback, certificates: other, at: Fixture.now) == .refused("its signature is wrong"))
        #expect(verdict(provider, callback) == .genuine)
    }

    @Test func `an endpoint of the configuration hands out certificates and confirms`() throws {
        let url = "https://127.0.0.1:4443/x.pem"
        let callback = try signed { $0["SigningCertURL"] = url }
        #expect(
            Fixture.ses([Fixture.topic]).verdict(on: callback, certificates: [url: pem()], at: Fixture.now)
                == .refused("its SigningCertURL is not SNS's"))
        let open = Fixture.ses([Fixture.topic]) { $0.snsEndpoint = "https://127.0.0.1:4443" }
        #expect(open.verdict(on: callback, certificates: [:], at: Fixture.now) == .certificate(url: url))
        #expect(open.verdict(on: callback, certificates: [url: pem()], at: Fixture.now) == .genuine)
    }

    @Test func `without topics every message is refused, and nothing is waited for`() throws {
        let none = Fixture.ses([])
        #expect(verdict(none, try signed()) == .refused("its topic is not in sns_topic_arns"))
        #expect(none.evidence == .none && !none.reportsDelivery)
        let silent = Fixture.ses([Fixture.topic]) { $0.configurationSet = nil }
        #expect(silent.evidence == .none && !silent.reportsDelivery)
        let told = Fixture.ses([Fixture.topic])
        #expect(told.evidence == .callback && told.reportsDelivery)
    }

    @Test func `a body that lacks anything is refused, and never read further`() throws {
        let provider = Fixture.ses([Fixture.topic])
        let callback = try signed()
        let members = try #require(JSONValue(parsing: callback.request.body).members)
        for index in members.indices where members[index].name != "Subject" {
            for value in [nil, .null, "", 7, [], .object([])] as [JSONValue?] {
                var changed = members
                if let value { changed[index].value = value } else { changed.remove(at: index) }
                var forged = callback
                forged.request.body = JSONValue.object(changed).bytes
                #expect(verdict(provider, forged) != .genuine, "\(members[index].name)")
                _ = provider.news(in: forged, at: Fixture.now)
            }
        }
        for body in ["", "[]", "{}", "null", "hello", "{\"Type\":"] {
            var forged = callback
            forged.request.body = Array(body.utf8)
            #expect(verdict(provider, forged) != .genuine)
            #expect(provider.news(in: forged, at: Fixture.now).receipts.isEmpty)
        }
    }

    // MARK: Confirmations

    @Test func `a subscription is confirmed at its URL, an ended one is told`() throws {
        let provider = Fixture.ses([Fixture.topic])
        for item in file["cases"]?.array ?? [] where item["expect_valid"] == .bool(true) {
            let callback = callback(item)
            let news = provider.news(in: callback, at: Fixture.now)
            let body = try JSONValue(parsing: callback.request.body)
            let isSubscription = body["Type"] == "SubscriptionConfirmation"
            #expect(news.confirmation == (isSubscription ? body["SubscribeURL"]?.string : nil))
            #expect((news.notice == nil) == (body["Type"] == "Notification"))
            #expect(news.answer.status == 200)
        }
    }

    // MARK: Parts

    private func verdict(_ provider: SES, _ callback: Callback) -> CallbackVerdict {
        provider.verdict(on: callback, certificates: [Fixture.certificateURL: pem()], at: Fixture.now)
    }

    private func callback(_ item: JSONValue) -> Callback {
        var headers = HTTPHeaders()
        for member in item["http_headers"]?.members ?? [] { headers.add(member.name, member.value.string ?? "") }
        return Fixture.callback(Array((item["body"]?.string ?? "").utf8), headers)
    }

    /// A notification, changed, then signed by the key of the vectors in version 2.
    private func signed(
        tolerance: Duration = .seconds(600), _ change: (inout [String: String]) -> Void = { _ in }
    ) throws -> Callback {
        var fields = [
            "Type": "Notification", "MessageId": "22b80b92", "TopicArn": Fixture.topic, "Message": "Grüße",
            "Timestamp": "2025-01-15T12:00:00.000Z", "SignatureVersion": "2", "Signature": "AAAA",
            "SigningCertURL": Fixture.certificateURL,
        ]
        change(&fields)
        let bytes = { JSONValue.object(fields.map { .init($0.key, .string($0.value)) }).bytes }
        let key = try SigningKey(pem: file["private_key_pem_for_more_tests"]?.string ?? "", algorithm: .rs256)
        fields["Signature"] = Base64.encode(key.signature(of: try SNSMessage(bytes()).signedText))
        return Fixture.callback(
            bytes(),
            HTTPHeaders([
                "x-amz-sns-message-type": "Notification", "x-amz-sns-message-id": "22b80b92",
                "x-amz-sns-topic-arn": Fixture.topic,
            ]), tolerance: tolerance)
    }
}
