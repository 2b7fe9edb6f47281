import Foundation

/// A certificate for `localhost`, 127.0.0.1 and ::1 that vouches for itself, made by `openssl` in a directory of its own.
package final class TestCertificate: Sendable {
    private let directory: URL
    package let certificateFile: String
    package let keyFile: String
    package let certificatePEM: String
    package let keyPEM: String

    package init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "waypost-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        certificateFile = directory.appending(path: "certificate.pem").path
        keyFile = directory.appending(path: "key.pem").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1",
            "-keyout", keyFile, "-out", certificateFile,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        certificatePEM = try String(contentsOfFile: certificateFile, encoding: .utf8)
        keyPEM = try String(contentsOfFile: keyFile, encoding: .utf8)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }
}
