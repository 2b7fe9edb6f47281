import Testing
import WaypostJSON

@testable import WaypostDiagnostics

@Suite struct RedactionTests {
    @Test(arguments: [
        ("mail to jane.doe+x@example.com failed", "mail to ***@example.com failed"),
        (#"{from="a@b.io"}"#, #"{from="***@b.io"}"#),
        ("smtp://waypost:***@127.0.0.1:25", "smtp://waypost:***@127.0.0.1:25"),
        ("call +1 (555) 010-0001.", "call +***."), ("+15550100001", "+***"), ("a+b = 12345678", "a+b = 12345678"),
        ("le=\"+Inf\"", "le=\"+Inf\""), ("2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00"),
        ("the token s3cret-token-1 is wrong", "the token *** is wrong"), ("", ""),
    ])
    func `addresses, numbers and secrets are taken out, and nothing else`(text: String, expected: String) {
        #expect(Redaction(secrets: ["s3cret-token-1", "short"]).mask(text) == expected)
    }

    @Test func `content goes whole, wherever it lies`() {
        let value: JSONValue = [
            "templates": ["welcome": ["email": ["subject": "Dear Jane", "n": 1]]], "from": ["email": "a@b.io"],
            "list": ["x@y.z"],
        ]
        #expect(
            Redaction().mask(value) == [
                "templates": ["welcome": ["email": ["subject": "***", "n": 1]]], "from": ["email": "***@b.io"],
                "list": ["***@y.z"],
            ])
    }
}
