import Testing
import WaypostCore
import WaypostHTTP
import WaypostJSON

@testable import WaypostProviders

/// AWS's own SDK for Python as a second opinion: it checks our mails against the service's model and writes the same.
@Suite(.enabled(if: Python.hasBotocore, "botocore is not installed"))
struct SESClientTests {
    /// A simple mail, one with all that Simple holds, one that only Raw can say, and one by SES's own template.
    private static let contexts: [(name: String, context: AttemptContext)] = {
        let plain = Fixture.email(to: "a@example.com", "b@example.com")
        var full = Fixture.email(to: "a@example.com")
        full.cc = [Mailbox(email: "c@example.com", name: "Żółć")]
        full.bcc = [Mailbox(email: "d@example.com")]
        full.replyTo = Mailbox(email: "help@example.com", name: "Help")
        full.html = "<p>ü 👋</p>"
        full.headers = [.init(name: "X-Order", value: "1")]
        full.attachments = [
            .init(filename: "a.pdf", contentType: "application/pdf", base64: "AAEC"),
            .init(filename: "b.png", contentType: "image/png", base64: "AA==", inlineID: "logo"),
        ]
        full.unsubscribeURL = "https://example.com/u"
        var raw = full
        raw.headers = [.init(name: "X-Name", value: "ü")]
        var template = Fixture.context(Fixture.email(to: "a@example.com", text: nil))
        template.message.template = AppliedTemplate(
            name: "shipped", providerIDs: [.init(key: "ses", value: "Shipped")], hasText: false,
            variables: ["order": 7, "name": "Ann \"ü\""])
        return [
            ("plain", Fixture.context(plain)), ("full", Fixture.context(full, tags: ["a", "b"])),
            ("raw", Fixture.context(raw)), ("template", template),
        ]
    }()

    @Test(arguments: contexts.indices) func `boto writes the same request`(index: Int) throws {
        let (name, context) = Self.contexts[index]
        let ours = try Fixture.ses.request(for: context)
        let theirs = try Python.run(Self.script, ours.json)
        #expect(theirs["error"] == nil, "\(name)")
        #expect(theirs["method"]?.string == ours.http?.method)
        #expect(theirs["path"]?.string.map { ours.http?.target.hasSuffix($0) ?? false } == true)
        let body = try JSONValue(parsing: Array((theirs["body"]?.string ?? "").utf8))
        #expect(body.sorted == ours.json.sorted, "\(name)")
    }

    /// Blobs are bytes in Python, and base 64 on the wire.
    private static let script = """
        import sys, json, base64, botocore.session, botocore.awsrequest, botocore.config
        def blobs(value, key=None):
            if isinstance(value, dict): return {k: blobs(v, k) for k, v in value.items()}
            if isinstance(value, list): return [blobs(v) for v in value]
            return base64.b64decode(value) if key in ('RawContent',) else value
        params = json.load(sys.stdin)
        params = blobs(params)
        raw = params.get('Content', {}).get('Raw')
        if raw: raw['Data'] = base64.b64decode(raw['Data'])
        client = botocore.session.Session().create_client('sesv2', region_name='eu-west-1', aws_access_key_id='a',
            aws_secret_access_key='b', config=botocore.config.Config(retries={'max_attempts': 0}))
        seen = {}
        def stop(request, **_):
            body = request.body.decode() if isinstance(request.body, bytes) else (request.body or '')
            seen.update(method=request.method, path='/' + request.url.split('/', 3)[3], body=body)
            class Raw:
                def stream(self, *a, **k): yield b'{"MessageId": "m"}'
            return botocore.awsrequest.AWSResponse(request.url, 200, {}, Raw())
        client.meta.events.register('before-send.sesv2.SendEmail', stop)
        try: client.send_email(**params)
        except Exception as error: seen['error'] = str(error)
        json.dump(seen, sys.stdout)
        """
}
