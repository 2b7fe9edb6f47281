import Testing
import WaypostApp
import WaypostConfiguration

@Suite struct ConfigurationStoreTests {
    @Test func `everything of the section is read`() throws {
        let store = try configuration(
            """
            store:
              path: /var/lib/waypost/waypost.db
              synchronous: normal
              max_queued: 5
              retention: {messages: 1d, events: 2d, audit: 3d}
              encryption_keys: []
            """
        ).store
        #expect(store.path == "/var/lib/waypost/waypost.db")
        #expect(store.synchronous == .normal)
        #expect(store.maxQueued == 5)
        #expect(store.retention.messages == .seconds(86_400))
        #expect(store.retention.events == .seconds(2 * 86_400))
        #expect(store.retention.audit == .seconds(3 * 86_400))
        #expect(store.encryptionKeys.isEmpty)
    }

    @Test(arguments: [
        ("max_queued: 0", "max_queued: \"0\" is out of range; write a whole number from 1 to 1000000000"),
        ("retention: {messages: 1s}", "retention.messages: \"1s\" is out of range; write 1m or more"),
        ("retention: 30d", "retention: is a single value; write a section, like {name: value}"),
        ("retention: {message: 30d}", "retention.message: is not a setting; did you mean messages?"),
        ("synchronous: ful", "synchronous: \"ful\" is not known here; did you mean full?"),
    ])
    func `a bad value is named`(yaml: String, complaint: String) {
        #expect(problems("store: {\(yaml)}") == ["1: store.\(complaint)"])
    }

    @Test func `the section alone is read whatever is missing elsewhere, and its own mistakes are told`() throws {
        func store(_ section: String) throws -> Configuration.Store {
            let yaml = """
                store: {\(section)}
                server: {lissen: x}
                providers: {sendgrid: {kind: sendgrid, api_key: "${NOT_SET_HERE}"}}
                """
            return try Configuration.store(
                of: ConfigurationFile(bytes: Array(yaml.utf8), folder: "/nowhere", environment: [:]))
        }
        #expect(try store("path: kept.db").path == "/nowhere/kept.db")
        #expect(throws: ConfigurationProblems.self) { try store("paht: kept.db") }
        #expect(throws: ConfigurationProblems.self) { try store("path: ${NOT_SET_HERE}") }
    }

    @Test func `encryption keys are checked, and not supported yet`() {
        let key = String(repeating: "A", count: 43) + "="
        #expect(
            problems("store: {encryption_keys: [{id: k1, key: '\(key)'}]}")
                == [
                    "1: store.encryption_keys: is not supported yet; remove it; content is kept in the clear"
                ])
        let found = problems("store: {encryption_keys: [{id: k1, key: hunter2}, {key: '\(key)'}]}")
        #expect(
            found == [
                "1: store.encryption_keys[0].key: is not base64 of 32 bytes; make one with: openssl rand -base64 32",
                "1: store.encryption_keys[1].id: is missing; add it",
                "1: store.encryption_keys: is not supported yet; remove it; content is kept in the clear",
            ])
    }
}
