import Testing
import WaypostConfiguration

@Suite struct RedactedValueTests {
    private func shown(_ yaml: String, folder: String = "/") throws -> RedactedValue {
        try ConfigurationFile(bytes: Array(yaml.utf8), folder: folder, environment: ["KEY": "hunter2"]).redacted
    }

    private func member(_ key: String, of value: RedactedValue) -> RedactedValue? {
        guard case .section(let members) = value else { return nil }
        return members.first { $0.key == key }?.value
    }

    @Test(arguments: [
        "api_key", "token", "token_sha256", "secret", "password", "auth_token", "private_key", "signing_key", "key",
        "service_account", "session_token", "api_key_secret", "access_key", "access_key_id", "secret_access_key",
        "previous_auth_token", "previous_signing_key", "webhook_shared_keys",
    ])
    func `what a key's name marks as a secret is masked`(key: String) throws {
        #expect(member(key, of: try shown("\(key): ${KEY}")) == .mask)
        #expect(member(key, of: try shown("\(key): [hunter2]")) == .mask)
    }

    @Test(arguments: ["smtps://user:hunter2@mail.example.com:465", "https://hunter2@host/path@x"])
    func `a URL is shown without its user`(url: String) throws {
        let text = try #require(member("url", of: try shown("url: \(url)")))
        #expect(!"\(text)".contains("hunter2"))
        #expect("\(text)".contains("***@"))
    }

    @Test(arguments: [
        ("https://example.com/hook?key=hunter2", "https://example.com/hook?***"),
        ("https://me:hunter2@example.com?key=hunter2#x", "https://***@example.com?***"),
        ("https://example.com/a@b", "https://example.com/a@b"), ("http://127.0.0.1:9", "http://127.0.0.1:9"),
        ("what: is this?", "what: is this?"),
    ])
    func `a URL is shown without its query`(url: String, shown expected: String) throws {
        #expect(member("base_url", of: try shown("base_url: '\(url)'")) == .text(expected))
    }

    @Test(arguments: [
        ("https://hooks.example.com/services/T0/hunter2?x=1", "https://hooks.example.com/***"),
        ("https://example.com/", "https://example.com/"),
        ("smtps://mail.example.com:465", "smtps://mail.example.com:465"),
    ])
    func `what is called by its whole URL is shown without the path`(url: String, shown expected: String) throws {
        #expect(member("url", of: try shown("url: '\(url)'")) == .text(expected))
    }

    @Test func `what was read from a file is masked under any key`() throws {
        let folder = try TemporaryFolder()
        try folder.file("secret", "hunter2".utf8)
        #expect(member("region", of: try shown("region: file:secret", folder: folder.path)) == .mask)
    }

    @Test func `the rest is shown in its types and its order`() throws {
        let value = try shown("b: 5\na: true\nd: '5'\nmode: 0755\nlist: [x, 1]\nnone:\n")
        #expect(
            value
                == .section([
                    .init(key: "b", value: .integer(5)), .init(key: "a", value: .flag(true)),
                    .init(key: "d", value: .text("5")), .init(key: "mode", value: .text("0755")),
                    .init(key: "list", value: .list([.text("x"), .integer(1)])), .init(key: "none", value: .unset),
                ]))
    }
}
