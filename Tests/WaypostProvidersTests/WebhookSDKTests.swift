import Testing
import WaypostConfiguration
import WaypostCore
import WaypostHTTP
import WaypostJSON

@testable import WaypostProviders

/// The makers' own libraries for Python as a second opinion on signatures, each run with bodies and keys of its own.
@Suite struct WebhookSDKTests {
    private static let bodies = [
        "", "[]", "[]\r\n", #"{"type":"message.delivered","note":"Grüße 👋","n":1.0}"#,
        String(repeating: "x", count: 70_000),
    ]

    private func run(_ script: String, _ members: (String, JSONValue)...) throws -> [JSONValue] {
        var input = members.map { JSONValue.Member($0.0, $0.1) }
        input.append(.init("bodies", .array(Self.bodies.map(JSONValue.string))))
        input.append(.init("now", .integer(Fixture.now.unixSeconds)))
        return try Python.run(script, .object(input)).array ?? []
    }

    @Test(.enabled(if: Python.hasStandardWebhooks, "the library of Standard Webhooks for Python is not installed"))
    func `what the library of Standard Webhooks signs we verify, and the same comes out`() throws {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        let signatures = try run(
            """
            import sys, json, datetime
            from standardwebhooks.webhooks import Webhook
            job = json.load(sys.stdin)
            at = datetime.datetime.fromtimestamp(job['now'], tz=datetime.timezone.utc)
            json.dump([Webhook(job['secret']).sign('evt_1', at, b) for b in job['bodies']], sys.stdout)
            """, ("secret", .string(secret)))
        #expect(signatures.count == Self.bodies.count)
        let key = try #require(StandardWebhooks.Key(secret))
        for (body, signature) in zip(Self.bodies, signatures) {
            let bytes = Array(body.utf8)
            let ours = StandardWebhooks.sign(id: "evt_1", timestamp: Fixture.now, body: bytes, secrets: [key])
            #expect(ours == signature.string)
            let headers = HTTPHeaders([
                "webhook-id": "evt_1", "webhook-timestamp": "1736942400", "webhook-signature": signature.string ?? "",
            ])
            let verdict = StandardWebhooks.verify(
                headers: headers, body: bytes, secrets: [key], now: Fixture.now, tolerance: .seconds(300))
            #expect(verdict == .genuine)
            let forged = StandardWebhooks.verify(
                headers: headers, body: bytes + [0], secrets: [key], now: Fixture.now, tolerance: .seconds(300))
            #expect(forged != .genuine)
        }
    }

    @Test(.enabled(if: Python.hasStripe, "Stripe's library for Python is not installed"))
    func `what Stripe's library signs we verify`() throws {
        let secret = "whsec_test_3vVQXNvK8Zq1"
        let signatures = try run(
            """
            import sys, json, stripe
            job = json.load(sys.stdin)
            sign = stripe.WebhookSignature._compute_signature
            json.dump([sign('%d.%s' % (job['now'], b), job['secret']) for b in job['bodies']], sys.stdout)
            """, ("secret", .string(secret)))
        #expect(signatures.count == Self.bodies.count)
        let key = try #require(StripeSignature.Key(Secret(secret)))
        for (body, signature) in zip(Self.bodies, signatures) {
            let headers = HTTPHeaders(["Stripe-Signature": "t=1736942400,v1=\(signature.string ?? "")"])
            for (bytes, isGenuine) in [(Array(body.utf8), true), (Array(body.utf8) + [0], false)] {
                let verdict = StripeSignature.verify(
                    headers: headers, body: bytes, secrets: [key], now: Fixture.now, tolerance: .seconds(300))
                #expect((verdict == .genuine) == isGenuine)
            }
        }
    }

    @Test(.enabled(if: Python.hasSendGrid, "SendGrid's library for Python is not installed"))
    func `what SendGrid's library takes for genuine we do, by a fresh key`() throws {
        let results = try run(
            """
            import sys, json, base64
            from cryptography.hazmat.primitives import hashes, serialization
            from cryptography.hazmat.primitives.asymmetric import ec
            from sendgrid.helpers.eventwebhook import EventWebhook
            job = json.load(sys.stdin)
            key = ec.generate_private_key(ec.SECP256R1())
            public = base64.b64encode(key.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)).decode()
            webhook, now, answers = EventWebhook(), str(job['now']), []
            theirs = webhook.convert_public_key_to_ecdsa(public)
            for body in job['bodies']:
                signature = base64.b64encode(key.sign((now + body).encode(), ec.ECDSA(hashes.SHA256()))).decode()
                answers.append([public, signature, webhook.verify_signature(body, signature, now, theirs)])
            json.dump(answers, sys.stdout)
            """)
        #expect(results.count == Self.bodies.count)
        for (body, result) in zip(Self.bodies, results) {
            #expect(result[2] == true)
            let provider = Fixture.sendGrid(keys: nil, result[0]?.string)
            let headers = HTTPHeaders([
                SendGrid.timestampHeader: "1736942400", SendGrid.signatureHeader: result[1]?.string ?? "",
            ])
            for (bytes, isGenuine) in [(Array(body.utf8), true), (Array(body.utf8) + [0], false)] {
                let verdict = provider.verdict(
                    on: Fixture.callback(bytes, headers), certificates: [:], at: Fixture.now)
                #expect((verdict == .genuine) == isGenuine)
            }
        }
    }

    @Test(.enabled(if: Python.hasCryptography, "the library cryptography for Python is not installed"))
    func `what a fresh certificate of SNS signed we verify, in both versions`() throws {
        let results = try run(
            """
            import sys, json, base64, datetime
            from cryptography import x509
            from cryptography.hazmat.primitives import hashes, serialization
            from cryptography.hazmat.primitives.asymmetric import padding, rsa
            job = json.load(sys.stdin)
            key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, 'sns.amazonaws.com')])
            at = datetime.datetime.fromtimestamp(job['now'], tz=datetime.timezone.utc)
            day = datetime.timedelta(days=1)
            pem = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(7).not_valid_before(at - day).not_valid_after(at + day)
                   .sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode())
            answers = []
            for version, digest in (('1', hashes.SHA1()), ('2', hashes.SHA256())):
                for body in job['bodies']:
                    m = {'Type': 'Notification', 'MessageId': 'm', 'TopicArn': job['topic'], 'Message': body,
                         'Timestamp': '2025-01-15T12:00:00.000Z', 'SignatureVersion': version,
                         'SigningCertURL': job['url']}
                    text = ''.join(k + '\\n' + m[k] + '\\n' for k in ('Message', 'MessageId', 'Timestamp', 'TopicArn', 'Type'))
                    m['Signature'] = base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), digest)).decode()
                    answers.append([pem, json.dumps(m)])
            json.dump(answers, sys.stdout)
            """, ("topic", .string(Fixture.topic)), ("url", .string(Fixture.certificateURL)))
        #expect(results.count == 2 * Self.bodies.count)
        let provider = Fixture.ses([Fixture.topic])
        for result in results {
            let certificates = [Fixture.certificateURL: Array((result[0]?.string ?? "").utf8)]
            let headers = HTTPHeaders(["x-amz-sns-message-type": "Notification"])
            let text = result[1]?.string ?? ""
            let forged = text.replacing("\"MessageId\": \"m\"", with: "\"MessageId\": \"n\"")
            for (body, isGenuine) in [(text, true), (forged, false)] {
                let verdict = provider.verdict(
                    on: Fixture.callback(Array(body.utf8), headers), certificates: certificates, at: Fixture.now)
                #expect((verdict == .genuine) == isGenuine, "\(verdict)")
            }
        }
    }
}
