import Testing
import WaypostApp

@Suite struct ConfigurationReloadTests {
    @Test func `what cannot change while the router runs is named with both values`() throws {
        let folder = try TemporaryFolder()
        for name in ["a.crt", "a.key", "b.crt", "b.key"] { try folder.file(name, "PEM") }
        let old = try configuration(
            "server: {listen: 127.0.0.1:1, tls: {certificate: a.crt, private_key: a.key}}\nstore: {path: a.db}",
            folder: folder.path)
        let new = try configuration(
            """
            server:
              listen: 127.0.0.1:2
              operations_listen: 127.0.0.1:3
              tls: {certificate: b.crt, private_key: b.key}
            store: {path: b.db}
            """, folder: folder.path)
        let path = folder.path
        let wayOut = "restart for that, or put it back"
        #expect(
            new.restartOnlyChanges(from: old, file: "w.yaml").map(\.description) == [
                "w.yaml: server.listen: changes from 127.0.0.1:1 to 127.0.0.1:2; \(wayOut)",
                "w.yaml: server.operations_listen: changes from nothing to 127.0.0.1:3; \(wayOut)",
                "w.yaml: server.tls.certificate: changes from \(path)/a.crt to \(path)/b.crt; \(wayOut)",
                "w.yaml: server.tls.private_key: changes from \(path)/a.key to \(path)/b.key; \(wayOut)",
                "w.yaml: store.path: changes from \(path)/a.db to \(path)/b.db; \(wayOut)",
            ])
        #expect(old.restartOnlyChanges(from: old).isEmpty)
    }

    @Test func `everything else may change`() throws {
        let old = try configuration("")
        let new = try configuration(
            relay + "auth: {keys: [{name: a, token: b, scopes: [send]}]}\nserver: {max_body: 2MiB}\nlog: {level: debug}"
        )
        #expect(new.restartOnlyChanges(from: old).isEmpty)
        #expect(new.version != old.version)
        #expect(new.changesForNextStart(from: old) == ["server.max_body changed: it takes effect at the next start"])
        #expect(old.changesForNextStart(from: old).isEmpty)
    }
}
