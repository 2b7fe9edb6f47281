import Foundation
import WaypostJSON

/// A second opinion from Python's standard library and the makers' own SDKs, where they are installed.
enum Python {
    static let isAvailable = succeeds("pass")
    static let hasBotocore = succeeds("import botocore.auth")
    static let hasTwilio = succeeds("import twilio.rest")
    static let hasMessageBird = succeeds("import messagebird.client")
    static let hasSendGrid = succeeds("import sendgrid.helpers.eventwebhook, cryptography")
    static let hasStandardWebhooks = succeeds("import standardwebhooks")
    static let hasStripe = succeeds("import stripe")
    static let hasCryptography = succeeds("import cryptography")
    static let hasFirebase = succeeds("import firebase_admin.messaging")

    /// Runs a script that reads one JSON text from standard input and writes one to standard output.
    static func run(_ script: String, _ input: JSONValue) throws -> JSONValue {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script]
        let (standardInput, standardOutput) = (Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = standardOutput
        try process.run()
        // Python reads all before it writes anything, so neither side waits for the other.
        standardInput.fileHandleForWriting.write(Data(input.bytes))
        try standardInput.fileHandleForWriting.close()
        let output = try standardOutput.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return try JSONValue(parsing: Array(output))
    }

    private static func succeeds(_ script: String) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}

/// An email as Python's `email` package understands it.
struct ReadMail {
    let json: JSONValue

    subscript(name: String) -> String? { json[name]?.string }
    /// `[name, address]` for each mailbox of a header.
    func mailboxes(_ header: String) -> [[String]] {
        (json["mailboxes"]?[header]?.array ?? []).map { ($0.array ?? []).compactMap(\.string) }
    }
    func header(_ name: String) -> String? { json["headers"]?[name]?.string }
    var files: [JSONValue] { json["files"]?.array ?? [] }
    var shape: String { json["shape"]?.string ?? "" }
    var longestLine: Int { Int(json["longest"]?.integer ?? 0) }
    var isASCII: Bool { json["ascii"]?.bool ?? false }
    var defects: [String] { (json["defects"]?.array ?? []).compactMap(\.string) }

    static func read(_ messages: [[UInt8]]) throws -> [ReadMail] {
        let input = JSONValue.array(messages.map { .string(Data($0).base64EncodedString()) })
        return (try Python.run(script, input).array ?? []).map(ReadMail.init)
    }

    private static let script = """
        import sys, json, base64, email, email.policy, email.header, email.utils
        def decoded(text): return str(email.header.make_header(email.header.decode_header(text)))
        def shape(part):
            if part.is_multipart():
                return part.get_content_subtype() + '(' + ','.join(shape(p) for p in part.iter_parts()) + ')'
            return part.get_content_type()
        def read(raw):
            m = email.message_from_bytes(raw, policy=email.policy.default)
            old = email.message_from_bytes(raw, policy=email.policy.compat32)
            def boxes(name):  # the newer parser puts blanks between the words of a name (python/cpython issue 92081)
                values = [' '.join(v.split()) for v in old.get_all(name, [])]
                return [[decoded(n), a] for n, a in email.utils.getaddresses(values)]
            def text(kind):
                part = m.get_body(preferencelist=(kind,))
                if part is None or part.get_content_subtype() != kind: return None
                return part.get_content().replace('\\r\\n', '\\n')
            files = []
            for p in m.walk():
                if p.is_multipart() or p.get_content_disposition() is None: continue
                files.append({'name': p.get_filename(), 'type': p.get_content_type(), 'disposition': p.get_content_disposition(),
                              'id': p['Content-ID'] or '', 'charset': p.get_param('charset') or '',
                              'content': base64.b64encode(p.get_payload(decode=True)).decode()})
            defects = [str(d) for p in m.walk() for d in p.defects]
            defects += [k + ': ' + str(d) for k, v in m.items() for d in v.defects]
            lines = raw.split(b'\\r\\n')
            assert not any(b'\\r' in l or b'\\n' in l for l in lines)
            return {'subject': m['Subject'], 'text': text('plain') or '', 'html': text('html') or '',
                    'mailboxes': {n: boxes(n) for n in ('From', 'To', 'Cc', 'Bcc', 'Reply-To')},
                    'headers': {k: str(v) for k, v in m.items()}, 'files': files, 'shape': shape(m),
                    'longest': max(len(l) for l in lines), 'ascii': raw.isascii(), 'defects': defects}
        messages = json.load(sys.stdin)
        json.dump([read(base64.b64decode(x)) for x in messages], sys.stdout)
        """
}
