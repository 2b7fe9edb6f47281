import Glibc

extension Sandbox {
    /// Writes the made authority's certificate to that file, in place of what is there, so that `ca_file` can name it.
    /// Nothing happens when the certificate was given. Throws a `TLSFailure`.
    package func writeAuthority(to path: String) throws(TLSFailure) {
        guard let authority else { return }
        try store(authority, to: path, mode: 0o644)
    }

    /// Writes the service account and the APNs key, readable for this user alone, in place of what is there.
    package func writePushKeys(to files: PushFiles) throws(TLSFailure) {
        try store(serviceAccount, to: files.serviceAccount, mode: 0o600)
        try store(apnsKey, to: files.apnsKey, mode: 0o600)
    }

    private func store(_ text: String, to path: String, mode: mode_t) throws(TLSFailure) {
        // Never through somebody's link: the file is made anew.
        unlink(path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw TLSFailure("\(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count else {
            throw TLSFailure("\(path): \(String(cString: strerror(errno)))")
        }
    }
}

/// Where the credentials for push lie, so that a configuration can name them.
package struct PushFiles: Equatable, Sendable {
    package var serviceAccount: String
    package var apnsKey: String

    package init(serviceAccount: String, apnsKey: String) {
        self.serviceAccount = serviceAccount
        self.apnsKey = apnsKey
    }

    /// Beside the authority's file: `x.pem` is joined by `x-firebase.json` and `x-apns.p8`.
    package init(beside authorityFile: String) {
        let stem = authorityFile.hasSuffix(".pem") ? String(authorityFile.dropLast(4)) : authorityFile
        self.init(serviceAccount: "\(stem)-firebase.json", apnsKey: "\(stem)-apns.p8")
    }
}
