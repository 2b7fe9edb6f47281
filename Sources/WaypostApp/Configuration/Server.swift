import WaypostConfiguration
import WaypostHTTP

extension Configuration {
    /// The section `server`: where the router listens and what it takes from one client.
    package struct Server: Equatable, Sendable {
        package var listen: ListenAddress
        /// nil: everything answers on `listen`.
        package var operationsListen: ListenAddress?
        /// As configured, without a slash at its end; see `publicURL(listeningOn:)`.
        package var publicURL: String?
        package var tls: TLSFiles?
        /// Whose `X-Forwarded-For` and `-Proto` are believed.
        package var trustedProxies: [CIDR]
        /// Of a request, in bytes.
        package var maxBody: Int
        package var maxConnections: Int
        /// From one IP address; 0: no limit of its own, as behind a proxy all share one address.
        package var maxConnectionsPerAddress: Int
        /// From a request's first byte to its last.
        package var requestTimeout: Duration
        /// After SIGTERM: not ready at once, but still serving this long.
        package var drainDelay: Duration
        /// And then finishing what is in flight for this long at most.
        package var drainTimeout: Duration

        /// Paths of PEM files; their contents are read anew at each reload.
        package struct TLSFiles: Equatable, Sendable {
            package var certificate: String
            package var privateKey: String
        }

        init(reading section: inout SectionReader) {
            listen = section.listenAddress("listen") ?? ListenAddress(host: "127.0.0.1", port: 8080)
            operationsListen = section.listenAddress("operations_listen")
            publicURL = section.url("public_url")
            tls = section.section("tls").flatMap { section in
                var section = section
                return TLSFiles(reading: &section)
            }
            trustedProxies = section.networks("trusted_proxies")
            maxBody = section.byteSize("max_body", default: 1 << 20, in: 1 << 10...1 << 30)
            maxConnections = section.integer("max_connections", default: 4096, in: 1...1_000_000)
            maxConnectionsPerAddress =
                section.unlessOff("max_connections_per_address", default: 0) {
                    $0.integer("max_connections_per_address", in: 0...1_000_000)
                } ?? 0
            requestTimeout = section.duration(
                "request_timeout", default: .seconds(30), in: .milliseconds(100) ... .seconds(3600))
            drainDelay = section.duration("drain_delay", default: .zero, in: .zero ... .seconds(3600))
            drainTimeout = section.duration("drain_timeout", default: .seconds(25), in: .zero ... .seconds(3600))
            section.finish()
        }

        /// What providers call back: `public_url`, else this listener. `port` is the one in fact, which matters where the
        /// configuration says 0.
        package func publicURL(listeningOn port: Int) -> String {
            if let publicURL { return publicURL }
            let address = IPAddress(listen.host)
            let isEverywhere = listen.host.isEmpty || address?.isUnspecified == true
            let host = isEverywhere ? "127.0.0.1" : address?.bytes.count == 16 ? "[\(listen.host)]" : listen.host
            return "\(tls == nil ? "http" : "https")://\(host):\(port)"
        }
    }
}

extension Configuration.Server.TLSFiles {
    fileprivate init?(reading section: inout SectionReader) {
        for key in ["certificate", "private_key"] where !section.has(key) {
            section.complain(key, "is missing", wayOut: "name the PEM file; certificate and private_key go together")
        }
        let certificate = section.readableFile("certificate")
        let privateKey = section.readableFile("private_key")
        section.finish()
        guard let certificate, let privateKey else { return nil }
        self.init(certificate: certificate, privateKey: privateKey)
    }
}

/// Where to listen: `127.0.0.1:8080`, `[::1]:8080`, `localhost:0`, or `:8080` for every address of the machine.
package struct ListenAddress: Equatable, Sendable, CustomStringConvertible {
    /// An address without brackets, or a name; empty for every address.
    package var host: String
    /// 0 picks a free one.
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// nil for any other form.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(digits), port <= 65_535
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("[") {
            guard host.hasSuffix("]"), IPAddress(String(host.dropFirst().dropLast()))?.bytes.count == 16 else {
                return nil
            }
            host = host.dropFirst().dropLast()
        } else {
            guard host.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x2F && $0 != 0x3A && $0 != 0x40 && $0 < 0x7F }) else {
                return nil
            }
        }
        self.init(host: String(host), port: port)
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
