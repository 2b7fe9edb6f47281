import CCurl
import Glibc

/// Whose certificates are believed: the system's, and with a `ca_file` that file's too. Never nobody's: verification
/// has no switch here.
///
/// OpenSSL takes a file and a directory of hashed names side by side, and looks into the directory only for the one
/// authority it needs. So the system's directory serves everybody, and a `ca_file` is read anew for each connection:
/// a changed file counts from the next connection on. The system's bundle, 140 certificates to parse for every
/// connection, is the way out where no such directory is kept.
enum TrustStore {
    static func apply(to easy: EasyHandle, caFile: String?) {
        if let caFile {
            easy.set(CURLOPT_CAINFO, caFile)
        } else if hasHashedDirectory {
            easy.set(CURLOPT_CAINFO, nil)
        }
    }

    /// Whether libcurl's default directory (`/etc/ssl/certs` on Debian) holds names like `002c0b4f.0`.
    private static let hasHashedDirectory: Bool = {
        guard let path = EasyHandle().string(CURLINFO_CAPATH), let directory = opendir(path) else { return false }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { $0.prefix { $0 != 0 }.map(\.self) }
            if name.count == 10, name.suffix(2).elementsEqual(".0".utf8) { return true }
        }
        return false
    }()
}
