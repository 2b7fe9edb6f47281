import Foundation
import Testing
import WaypostSandbox

extension EndToEnd {
    /// When the router's own certificate ends, as its metrics tell it.
    @Suite struct Certificates {
        /// Makes a certificate that ends after so many days, and its key.
        private static func make(days: Int, in folder: Folder) throws {
            let end = try Child.run(
                "/usr/bin/openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "\(days)",
                    "-subj", "/CN=router", "-keyout", folder.file("key.pem"), "-out", folder.file("cert.pem"),
                ], in: folder, name: "openssl")
            #expect(end.status == 0, "\(end)")
        }

        /// Days until the certificate ends, from the page of metrics over TLS.
        private static func days(of router: Router) throws -> Double {
            let script = """
                import ssl, urllib.request
                context = ssl._create_unverified_context()
                print(urllib.request.urlopen("https://127.0.0.1:\(router.port)/metrics", context=context).read().decode())
                """
            let end = try Child.run("/usr/bin/python3", ["-c", script], in: router.folder, name: "python")
            let name = "waypost_certificate_expiry_timestamp_seconds"
            let at = try #require(Scrape(end.output)[name, ["certificate": "server"]], "\(end.complaints)")
            return (at - Date().timeIntervalSince1970) / 86_400
        }

        @Test func `the end of the certificate is exported, and of the renewed one after a reload`() throws {
            let folder = try Folder()
            try Self.make(days: 30, in: folder)
            var setup = Setup.through("sendgrid")
            setup.sections["server"] =
                "{listen: 127.0.0.1:0, tls: {certificate: \(folder.file("cert.pem")), "
                + "private_key: \(folder.file("key.pem"))}}"
            setup.sections["auth"] = "{keys: [{name: shop, token: some-token, scopes: [send]}]}"
            let sandbox = try Sandbox.start(.init())
            defer { sandbox.stop() }
            let router = try Router(setup, in: folder, with: sandbox)
            defer { router.stop() }
            #expect(abs(try Self.days(of: router) - 30) < 0.1)
            try Self.make(days: 90, in: folder)
            #expect(abs(try Self.days(of: router) - 30) < 0.1, "what is shown still is the old one")
            #expect(router.app.reload() == [])
            #expect(abs(try Self.days(of: router) - 90) < 0.1)
        }
    }
}
