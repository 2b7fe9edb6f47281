import Foundation
import Testing
import WaypostCore
import WaypostJSON
import WaypostPolicy
import WaypostStore

@testable import WaypostAPI
@testable import WaypostDelivery

@Suite struct OpenAPIDocumentTests {
    private static func document() throws -> JSONValue { try JSONValue(parsing: OpenAPIDocument.bytes) }

    /// Every operation of the document by method and path.
    private static func operations() throws -> [String: JSONValue] {
        var operations: [String: JSONValue] = [:]
        for path in try document()["paths"]?.members ?? [] {
            for member in path.value.members ?? [] where member.name != "parameters" {
                operations["\(member.name.uppercased()) \(path.name)"] = member.value
            }
        }
        return operations
    }

    @Test func `every endpoint is described, and nothing that is not there`() throws {
        let described = try Set(Self.operations().keys)
        let served = Set(Endpoint.allCases.map { "\($0.place.method) \($0.place.pattern)" })
        #expect(described.subtracting(served) == [])
        #expect(served.subtracting(described) == [])
    }

    private static var emergency: [UInt8] {
        var touched = BlastRadius()
        touched.channels = [.init(channel: .email, queued: 1, scheduled: 2, sending: 3)]
        touched.providers = ["ses"]
        touched.breakers = [.init(provider: "ses", channel: .email, state: "closed")]
        let order = EmergencyOrder(reason: "fire", isDryRun: false)
        let override = Override(
            id: OverrideID(at: noon), kind: .openBreakers, target: "*", channel: nil, state: "open", reason: "fire",
            by: "ops", createdAt: noon, expiresAt: noon)
        return EmergencyAnswer(
            .openBreakers, order, override: override, lifted: [override.id], touched: touched
        ).bytes
    }

    private static var compliance: [UInt8] {
        var message = Message(
            id: MessageBodyTests.id, client: "shop",
            content: .email(Email(to: [Mailbox(email: "a@b.io")], subject: "")),
            createdAt: noon, expiresAt: noon, traceparent: "")
        message.type = .marketing
        let compliance = Compliance(
            message, standings: [.init()], requiresConsent: true, personalData: [("/content/text", .ssn)],
            policy: PolicySettings())
        return ComplianceBody.bytes(compliance.findings)
    }

    @Test(arguments: Endpoint.allCases)
    func `an endpoint is described with its scope, its path's parameters and its refusals`(endpoint: Endpoint) throws {
        let operation = try #require(
            try Self.operations()["\(endpoint.place.method) \(endpoint.place.pattern)"])
        #expect(operation["operationId"]?.string?.isEmpty == false)
        #expect(operation["summary"]?.string?.isEmpty == false)
        let statuses = Set((operation["responses"]?.members ?? []).map(\.name))
        #expect((operation["security"] == []) == (endpoint.scope == nil))
        if endpoint.scope != nil { #expect(statuses.isSuperset(of: ["400", "401", "403", "429"])) }
        if operation["requestBody"] != nil { #expect(statuses.isSuperset(of: ["413", "415", "422"])) }
        let item = try #require(try Self.document()["paths"]?[endpoint.place.pattern])
        let parameters = (item["parameters"]?.array ?? []) + (operation["parameters"]?.array ?? [])
        for match in endpoint.place.pattern.matches(of: /\{([a-z]+)\}/) {
            let isDeclared = try parameters.contains { parameter in
                let parameter = try Self.resolved(parameter)
                return parameter["in"] == "path" && parameter["name"] == .string(String(match.1))
                    && parameter["required"] == true
            }
            #expect(isDeclared)
        }
    }

    @Test(arguments: Endpoint.allCases)
    func `what commits something says so, and how its key is answered`(endpoint: Endpoint) throws {
        let operation = try #require(
            try Self.operations()["\(endpoint.place.method) \(endpoint.place.pattern)"])
        let committing: [Endpoint] = [
            .sendMessage, .sendBatch, .cancelMessage, .resendMessage, .replayDeadLetters, .purgeDeadLetters,
            .resolveDeadLetters, .disableProvider, .enableProvider, .holdBreaker, .enableEndpoint, .disableEndpoint,
            .importSuppressions, .stopSending, .resumeSending, .switchToBackup, .clearQueue, .resetRateLimits,
            .openBreakers, .sendAlerts,
        ]
        let key: JSONValue = ["$ref": "#/components/parameters/IdempotencyKey"]
        let isKept = committing.contains(endpoint)
        #expect((operation["parameters"]?.array ?? []).contains(key) == isKept)
        let replayed = (operation["responses"]?.members ?? []).filter {
            $0.value["headers"]?["Idempotent-Replayed"] != nil
        }
        #expect(replayed.count == (isKept ? 1 : 0))
        guard isKept else { return }
        let statuses = Set((operation["responses"]?.members ?? []).map(\.name))
        #expect(statuses.isSuperset(of: ["409", "422", "503"]))
    }

    @Test func `no operation has the name of another`() throws {
        let names = try Self.operations().values.compactMap { $0["operationId"]?.string }
        #expect(Set(names).count == Endpoint.allCases.count)
    }

    @Test func `every reference leads somewhere, and everything kept for references is used`() throws {
        let document = try Self.document()
        let references = Self.references(in: document)
        for reference in references { _ = try Self.resolved(["$ref": .string(reference)]) }
        for kind in ["parameters", "headers", "responses", "schemas"] {
            for member in document["components"]?[kind]?.members ?? [] {
                #expect(references.contains("#/components/\(kind)/\(member.name)"), "\(kind)/\(member.name)")
            }
        }
    }

    private static func resolved(_ value: JSONValue) throws -> JSONValue {
        guard let reference = value["$ref"]?.string else { return value }
        let steps = reference.split(separator: "/")
        try #require(steps.first == "#")
        return try steps.dropFirst().reduce(try document()) { try #require($0[String($1)], "\(reference)") }
    }

    private static func references(in value: JSONValue) -> Set<String> {
        switch value {
        case .array(let elements): elements.reduce(into: []) { $0.formUnion(references(in: $1)) }
        case .object(let members):
            members.reduce(into: []) { found, member in
                if member.name == "$ref", let reference = member.value.string { found.insert(reference) }
                found.formUnion(references(in: member.value))
            }
        default: []
        }
    }

    // MARK: A second opinion

    @Test(.enabled(if: Validator.isInstalled, "pip install openapi-spec-validator"))
    func `the document is valid OpenAPI 3.1`() throws {
        #expect(try Validator.flaws(inDocument: Self.document()) == [])
        // That it would say so.
        let broken: JSONValue = ["openapi": "3.1.0", "info": ["title": "x"], "paths": ["/x/{id}": ["get": [:]]]]
        #expect(try !Validator.flaws(inDocument: broken).isEmpty)
    }

    @Test(.enabled(if: Validator.isInstalled, "pip install openapi-spec-validator"))
    func `what is answered is what the document says`() throws {
        let record = try MessageBodyTests.record()
        var bare = record
        bare.isContentRetained = false
        bare.cost = .init(micros: 1, currency: "EUR")
        var feed = JSONWriter()
        EventBody.write(record.events[0], .inFeed, to: &feed)
        let problem = Problem(.invalid, "No.", errors: [.init("/to", "is wrong")])
        let id = MessageBodyTests.id
        let answers: [(schema: String, body: [UInt8])] =
            [
                ("Message", MessageBody.bytes(record)), ("Message", MessageBody.bytes(bare)),
                ("MessageSummary", MessageBody.bytes(record, .summary)), ("FeedEvent", feed.bytes),
                (
                    "MessagePage",
                    ListBody.bytes([record], next: Cursor(seq: 1)) { MessageBody.write($0, .summary, to: &$1) }
                ),
                ("EventPage", ListBody.bytes(record.events, next: nil) { EventBody.write($0, .inFeed, to: &$1) }),
                ("Accepted", AcceptedBody.bytes(id: id, status: .queued, channel: .email, createdAt: noon)),
                ("BatchAccepted", AcceptedBody.batch([.success((id, .queued)), .failure(problem)], requestID: "r")),
                ("Problem", problem.response(requestID: "r").body),
                ("Explanation", ExplainBody.bytes(of: id, [Self.decision.json])),
                ("Compliance", Self.compliance), ("Explanation", ExplainBody.bytes(of: nil, [])),
                ("RoutingDecision", Array(Self.decision.json.utf8)), ("EmergencyAnswer", Self.emergency),
                (
                    "LimitList",
                    LimitBody.bytes([
                        .init(
                            key: "recipient", channel: .email, type: .marketing,
                            settings: .init(limit: 2, window: .seconds(60)), used: 1, free: .seconds(5)
                        ).freeing(after: noon)
                    ])
                ),
            ] + PeopleTests.answers + SuppressionTests.answers + ConsentBodyTests.answers
        let others = try ContentBodyTests.bodies.map { body in
            try ContentBodyTests.record(of: JSONValue(parsing: Array(body.utf8))) {
                $0.template = .init(name: "t", providerIDs: [], hasText: true, variables: ["a": 1])
            }
        }
        let cases = try (answers + others.map { ("Message", MessageBody.bytes($0)) }).map {
            ($0.schema, try JSONValue(parsing: $0.body))
        }
        #expect(try Validator.flaws(in: cases, of: Self.document()) == [])
    }

    @Test(.enabled(if: Validator.isInstalled, "pip install openapi-spec-validator"))
    func `what the document's schema refuses is refused, and what is taken passes it`() throws {
        let document = try Self.document()
        let good = [
            try message(), try message(#""to": {"email": "a@example.com"}, "ttl": "5s", "tags": ["a"]"#),
            try message(
                content: #""attachments": [{"filename": "a", "content": "QQ=="}], "tracking": {"opens": true}"#),
        ]
        let others = try ContentBodyTests.bodies.map { try JSONValue(parsing: Array($0.utf8)) }
        #expect(try Validator.flaws(in: others.map { ("SendMessage", $0) }, of: document) == [])
        for body in good { _ = try SendMessage.decode(body, at: noon).get() }
        #expect(try Validator.flaws(in: good.map { ("SendMessage", $0) }, of: document) == [])
        let bad = [
            try message(#""colour": "red""#), try message(#""type": "spam""#), try message(#""to": []"#),
            try message(#""ttl": 5"#), try message(#""tags": ["a", "a"]"#), try message(#""metadata": {"a": 1}"#),
            try message(content: #""subject": """#), try message(content: #""tracking": {"open": true}"#),
            ["channel": "sms", "to": "+14155550100", "content": ["text": "a", "subject": "b"]],
            ["channel": "sms", "to": "jane@example.com", "content": ["text": "a"]],
            ["channel": "sms", "to": "+14155550100", "content": [:]],
            ["channel": "sms", "to": "+14155550100", "reply_to": "jane@example.com", "content": ["text": "a"]],
            ["channel": "voice", "to": "+14155550100", "content": ["twiml": "a", "say": ["text": "b"]]],
            ["channel": "whatsapp", "to": "+14155550100", "content": ["text": "a", "template": ["name": "b"]]],
            ["channel": "push", "to": ["token": "a", "topic": "b"], "content": ["title": "a"]],
            ["channel": "push", "to": ["token": "abc", "service": "apns"], "content": ["title": "a"]],
            ["channel": "push", "to": "abc", "content": ["collapse_id": "a"]],
            ["channel": "push", "to": "abc", "from": "a", "content": ["title": "a"]],
            ["channel": "realtime", "to": ["user": "jane"], "content": ["event": "a"]],
        ]
        let flaws = try Validator.flaws(in: bad.map { ("SendMessage", $0) }, of: document)
        for (index, body) in bad.enumerated() {
            #expect(code(SendMessage.decode(body, at: noon)) != nil)
            #expect(flaws.contains { $0.hasPrefix("\(index) SendMessage/") }, "\(body)")
        }
    }

    private static let decision = RoutingDecision(
        round: 1, at: noon, rule: 0, strategy: .leastCost, configuration: "0123456789ab",
        considered: [
            .init(provider: "sendgrid", verdict: .breakerOpen, detail: nil, until: noon),
            .init(provider: "relay", verdict: .unable, detail: "it has no templates", until: nil),
            .init(provider: "ses", verdict: .taken, detail: nil, until: nil),
        ])
}

/// Python's openapi-spec-validator and the JSON Schema validator under it, where they are installed.
private enum Validator {
    static let isInstalled: Bool = {
        let answer = try? run("import openapi_spec_validator, jsonschema; print('true')", .null)
        return answer == true
    }()

    static func flaws(inDocument document: JSONValue) throws -> [String] {
        try texts(in: run(script, ["document": document, "cases": []]))
    }

    /// The flaws of values, each after its number and the name of its schema; the document's own are not asked for.
    static func flaws(in cases: [(schema: String, value: JSONValue)], of document: JSONValue) throws -> [String] {
        let cases = cases.map { JSONValue.array([.string($0.schema), $0.value]) }
        return try texts(in: run(script, ["document": document, "cases": .array(cases)]))
    }

    private static func texts(in answer: JSONValue) throws -> [String] {
        try #require(answer.array).compactMap(\.string)
    }

    private struct Failed: Error {}

    private static func run(_ script: String, _ input: JSONValue) throws -> JSONValue {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script]
        process.standardError = FileHandle.nullDevice
        let (standardInput, standardOutput) = (Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = standardOutput
        try process.run()
        // Python reads all before it writes anything, so neither side waits for the other.
        try? standardInput.fileHandleForWriting.write(contentsOf: Data(input.bytes))
        try standardInput.fileHandleForWriting.close()
        let output = try standardOutput.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed() }
        return try JSONValue(parsing: Array(output))
    }

    private static let script = """
        import sys, json, jsonschema, openapi_spec_validator
        given = json.load(sys.stdin)
        document, flaws = given['document'], []
        def tell(place, errors):
            flaws.extend(place + '/' + '/'.join(map(str, e.absolute_path)) + ': ' + e.message[:300] for e in errors)
        if not given['cases']:
            tell('document', openapi_spec_validator.OpenAPIV31SpecValidator(document).iter_errors())
        for index, (name, value) in enumerate(given['cases']):
            schema = {'$ref': '#/components/schemas/' + name, 'components': document['components']}
            tell(str(index) + ' ' + name, jsonschema.Draft202012Validator(schema).iter_errors(value))
        json.dump(flaws, sys.stdout)
        """
}
