import Testing
import WaypostConfiguration
import WaypostCore
import WaypostHTTP
import WaypostJSON

@testable import WaypostProviders

@Suite struct TwilioSignatureTests {
    /// A provider that knows the vector's secret, as the shared key that its header names or as its auth token.
    private func provider(for vector: JSONValue) -> Twilio {
        Fixture.twilio { settings in
            settings.authToken = Secret(vector.text("auth_token"))
            let id = vector.text("signature_settings_header").split(separator: ",").first?.dropFirst("key=".count)
            if let id { settings.webhookSharedKeys = [String(id): Secret(vector.text("auth_token"))] }
        }
    }

    private func callback(of vector: JSONValue) -> Callback {
        var callback = Fixture.callback(
            url: vector.text("url"), method: vector.text("method"), type: vector.text("content_type"),
            body: vector.text("raw_body"), headers: ["X-Twilio-Signature": vector.text("signature_header")])
        callback.request.headers["X-Twilio-Webhooks-Signature-Settings"] = vector["signature_settings_header"]?.string
        return callback
    }

    @Test func `every vector comes out`() throws {
        let vectors = try #require(Fixture.vectors("twilio_request_signature")["cases"]?.array)
        #expect(vectors.count == 31)
        for vector in vectors {
            let isGenuine = provider(for: vector).isGenuine(callback(of: vector))
            #expect(isGenuine == vector["expect_valid"]?.bool, "\(vector.text("name"))")
        }
    }

    @Test func `no change of a byte goes through`() throws {
        let vectors = try #require(Fixture.vectors("twilio_request_signature")["cases"]?.array)
        for vector in vectors.prefix(16) {
            let provider = provider(for: vector)
            let good = callback(of: vector)
            for index in good.request.body.indices {
                var bad = good
                bad.request.body[index] ^= 1
                // `%2B` and `%2b` are the same sign, and an order that changes back is none.
                if bad.form?.fields == good.form?.fields, good.form != nil { continue }
                #expect(!provider.isGenuine(bad), "\(vector.text("name")), byte \(index)")
            }
            var bad = good
            bad.url += "x"
            #expect(!provider.isGenuine(bad))
        }
    }

    private let form = "a=1"
    private let url = "https://hooks.example.com/in"
    private let signature = "J2eT4sJrOSQP0lPzrX7Mu6jCtfw="  // of the token 12345

    @Test(arguments: [
        "", "=", " ", "J2eT4sJrOSQP0lPzrX7Mu6jCtfw", "J2eT4sJrOSQP0lPzrX7Mu6jCtfx=", "j2eT4sJrOSQP0lPzrX7Mu6jCtfw=",
        "J2eT4sJrOSQP0lPzrX7Mu6jCtfw= ", "\u{0}", "ünïcödé", "J2eT4sJrOSQP0lPzrX7Mu6jCtfw=J2eT4sJrOSQP0lPzrX7Mu6jCtfw=",
    ])
    func `a header that is not the signature is refused`(header: String) {
        let provider = Fixture.twilio { $0.authToken = Secret("12345") }
        #expect(!provider.isGenuine(Fixture.callback(url: url, body: form, headers: ["X-Twilio-Signature": header])))
        #expect(!provider.isGenuine(Fixture.callback(url: url, body: form)))
    }

    @Test func `two tokens hold while an account changes them, and without any nothing does`() {
        let callback = Fixture.callback(url: url, body: form, headers: ["X-Twilio-Signature": signature])
        let verdict = { (change: (inout Twilio.Settings) -> Void) in Fixture.twilio(change).isGenuine(callback) }
        #expect(verdict { $0.authToken = Secret("12345") })
        #expect(
            verdict {
                $0.authToken = Secret("new")
                $0.previousAuthToken = Secret("12345")
            })
        #expect(!verdict { $0.authToken = Secret("new") })
        let keyed = Fixture.twilio {
            $0.authToken = nil
            $0.apiKey = .init(sid: "SK1", secret: Secret("12345"))  // an API key signs nothing
        }
        #expect(
            keyed.verdict(on: callback, certificates: [:], at: Fixture.now)
                == .refused("auth_token is not configured"))
    }

    @Test(arguments: [
        ("key=k1,algorithm=HMAC_SHA256", true), ("key=k1, algorithm=hmac_sha256", true),
        ("algorithm=HMAC_SHA256", true), ("key=k2,algorithm=HMAC_SHA256", false), ("key=k1", false), ("", false),
        ("key=k1,algorithm=HMAC_SHA1", false), ("key=k1,algorithm=none", false), (",,=,algorithm", false),
    ])
    func `a shared key signs what names it`(header: String, isGenuine: Bool) {
        let provider = Fixture.twilio { $0.webhookSharedKeys = ["k1": Secret("aGVsbG8td29ybGQtc2hhcmVkLWtleQ")] }
        let callback = Fixture.callback(
            url: url, body: "Body=hi&From=%2B1555",
            headers: [
                "X-Twilio-Signature": "VctOgd8NnnZFC0hJYvFHXN8MzGh5xhv82Kk+kjWIHK0=",
                "X-Twilio-Webhooks-Signature-Settings": header,
            ])
        #expect(provider.isGenuine(callback) == isGenuine)
    }

    @Test(arguments: [
        ("https://a.example/x?y=:1", "https://a.example/x?y=:1", "https://a.example:443/x?y=:1"),
        ("https://a.example:8443/x", "https://a.example/x", "https://a.example:8443/x"),
        ("http://a.example", "http://a.example", "http://a.example:80"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1/x", "http://127.0.0.1:8080/x"),
        ("https://[::1]/x", "https://[::1]/x", "https://[::1]:443/x"),
        ("https://[::1]:1/x", "https://[::1]/x", "https://[::1]:1/x"),
        ("https://a.example?x=1", "https://a.example?x=1", "https://a.example:443?x=1"),
    ])
    func `a URL is tried without its port and with it`(url: String, without: String, with: String) {
        #expect(TwilioSignature.spellings(of: url) == [without, with])
    }

    @Test func `a body that nothing signs is refused`() {
        let provider = Fixture.twilio { $0.authToken = Secret("12345") }
        // The signature of the URL alone.
        let headers: KeyValuePairs = ["X-Twilio-Signature": "1A7a1PPHU+7xfpHCvdXw9i6aS1M="]
        let url = "https://hooks.example.com/in?Body=hi%20there&From=%2B1555"
        #expect(provider.isGenuine(Fixture.callback(url: url, type: nil, headers: headers)))
        for type in [nil, "", "application/json", "text/plain", "multipart/form-data; boundary=x"] {
            #expect(!provider.isGenuine(Fixture.callback(url: url, type: type, body: "{}", headers: headers)))
        }
        #expect(
            provider.isGenuine(
                Fixture.callback(
                    url: self.url, type: "Application/X-WWW-Form-Urlencoded; charset=UTF-8", body: form,
                    headers: ["X-Twilio-Signature": signature])))
    }
}
