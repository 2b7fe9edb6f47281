import Glibc

extension Sandbox {
    /// Writes the made authority's certificate to that file, in place of what is there, so that `ca_file` can name it.
    /// Nothing happens when the certificate was given. Throws a `TLSFailure`.
    package func writeAuthority(to path: String) throws(TLSFailure) {
        guard let authority else { return }
        // Never through somebody's link: the file is made anew.
        unlink(path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw TLSFailure("\(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        let bytes = Array(authority.utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count else {
            throw TLSFailure("\(path): \(String(cString: strerror(errno)))")
        }
    }
}
