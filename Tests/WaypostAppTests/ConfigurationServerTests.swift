import Testing
import WaypostApp
import WaypostHTTP

@Suite struct ConfigurationServerTests {
    @Test func `everything of the section is read`() throws {
        let folder = try TemporaryFolder()
        try folder.file("tls.crt", "PEM")
        try folder.file("tls.key", "PEM")
        let server = try configuration(
            """
            server:
              listen: "[::1]:0"
              operations_listen: 127.0.0.1:9090
              public_url: https://waypost.example.com/hooks/
              tls: {certificate: tls.crt, private_key: tls.key}
              trusted_proxies: [10.0.0.0/8, "2001:db8::/32", 192.0.2.1]
              max_body: 40MiB
              max_connections: 100
              max_connections_per_address: 10
              request_timeout: 5s
              drain_delay: 3s
              drain_timeout: 1m
            """, folder: folder.path
        ).server
        #expect(server.listen == ListenAddress(host: "::1", port: 0))
        #expect(server.operationsListen == ListenAddress(host: "127.0.0.1", port: 9090))
        #expect(server.publicURL == "https://waypost.example.com/hooks")
        #expect(server.tls?.certificate == "\(folder.path)/tls.crt")
        #expect(server.tls?.privateKey == "\(folder.path)/tls.key")
        #expect(server.trustedProxies.map(\.description) == ["10.0.0.0/8", "2001:db8::/32", "192.0.2.1"])
        #expect(server.maxBody == 40 << 20)
        #expect(server.maxConnections == 100)
        #expect(server.maxConnectionsPerAddress == 10)
        #expect(server.requestTimeout == .seconds(5))
        #expect(server.drainDelay == .seconds(3))
        #expect(server.drainTimeout == .seconds(60))
    }

    @Test(arguments: [
        ("127.0.0.1:8080", "127.0.0.1", 8080), ("[::1]:443", "::1", 443), ("localhost:0", "localhost", 0),
        (":8080", "", 8080), ("0.0.0.0:65535", "0.0.0.0", 65_535),
    ])
    func `an address to listen on has a host and a port`(text: String, host: String, port: Int) throws {
        #expect(try configuration("server: {listen: '\(text)'}").server.listen == ListenAddress(host: host, port: port))
    }

    @Test(arguments: [
        "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:8080", "[::1]", "[127.0.0.1]:80",
        "http://127.0.0.1:80", "a b:80", "[::1:80",
    ])
    func `anything else is no address to listen on`(text: String) {
        #expect(
            problems("server: {listen: '\(text)'}") == [
                "1: server.listen: \"\(text)\" is not host:port; write 127.0.0.1:8080, [::1]:8080 or 0.0.0.0:8080"
            ])
    }

    @Test(arguments: [
        (
            "public_url: ftp://host",
            "public_url: is not a URL; write https://host, https://host:port or https://host/path"
        ),
        (
            "public_url: 'https://u:p@host'",
            "public_url: names a user; write https://host, https://host:port or https://host/path"
        ),
        (
            "public_url: 'https://host?a=1'",
            "public_url: has a query or a fragment; write https://host, https://host:port or https://host/path"
        ),
        (
            "trusted_proxies: [10.0.0.1/8]",
            "trusted_proxies[0]: \"10.0.0.1/8\" has bits beyond its prefix; "
                + "write a block like 10.0.0.0/8, or an address"
        ),
        (
            "trusted_proxies: [proxy]",
            "trusted_proxies[0]: \"proxy\" is not an address block; write a block like 10.0.0.0/8, or an address"
        ),
        (
            "trusted_proxies: [10.0.0.0/33]",
            "trusted_proxies[0]: \"10.0.0.0/33\" has no prefix length from 0 to 32; "
                + "write a block like 10.0.0.0/8, or an address"
        ),
        ("max_body: 1", "max_body: \"1\" is out of range; write 1KiB to 1GiB, like 512KiB or 10MB"),
        ("max_body: big", "max_body: \"big\" is not a size; write 1KiB to 1GiB, like 512KiB or 10MB"),
        ("max_connections: 0", "max_connections: \"0\" is out of range; write a whole number from 1 to 1000000"),
        ("request_timeout: 10", "request_timeout: \"10\" is not a duration; write 500ms, 10s, 5m, 24h or 7d"),
        ("drain_timeout: 2h", "drain_timeout: \"2h\" is out of range; write 0s to 1h"),
        ("listn: a", "listn: is not a setting; did you mean listen?"),
    ])
    func `a bad value is named`(yaml: String, complaint: String) {
        #expect(problems("server: {\(yaml)}") == ["1: server.\(complaint)"])
    }

    @Test func `TLS needs both its files, and they must be there`() throws {
        let folder = try TemporaryFolder()
        try folder.file("tls.crt", "PEM")
        #expect(
            problems("server: {tls: {certificate: tls.crt}}", folder: folder.path) == [
                "1: server.tls.private_key: is missing; "
                    + "name the PEM file; certificate and private_key go together"
            ])
        #expect(
            problems("server: {tls: {certificate: tls.crt, private_key: gone}}", folder: folder.path) == [
                "1: server.tls.private_key: \(folder.path)/gone cannot be read: No such file or directory; "
                    + "check the path and its rights"
            ])
    }

    @Test(arguments: [
        ("listen: 127.0.0.1:0", "http://127.0.0.1:5000"), ("listen: '[::1]:0'", "http://[::1]:5000"),
        ("listen: ':0'", "http://127.0.0.1:5000"), ("listen: 0.0.0.0:0", "http://127.0.0.1:5000"),
        ("public_url: https://a.example", "https://a.example"),
    ])
    func `what providers call back is this listener unless told otherwise`(yaml: String, url: String) throws {
        #expect(try configuration("server: {\(yaml)}").server.publicURL(listeningOn: 5000) == url)
    }
}
