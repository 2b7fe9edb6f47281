import Glibc

/// Reads small files whole.
package enum FileContents {
    package struct Flaw: Error, Equatable, Sendable {
        /// The system's words: `No such file or directory`.
        package let reason: String
    }

    /// All of the file, pipes included; a longer one than `limit` bytes is refused.
    package static func read(_ path: String, atMost limit: Int) throws(Flaw) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Flaw(reason: String(cString: strerror(errno))) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw Flaw(reason: String(cString: strerror(errno)))
            }
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: buffer[..<count])
            guard bytes.count <= limit else { throw Flaw(reason: "it is larger than \(limit) bytes") }
        }
    }
}

/// Paths as they stand in the configuration.
package enum FilePath {
    /// `path` itself when it begins at the root, else below `folder`.
    package static func absolute(_ path: String, in folder: String) -> String {
        path.utf8.first == UInt8(ascii: "/") ? path : folder == "/" ? "/" + path : folder + "/" + path
    }

    /// What stands before the last slash; `.` where there is none.
    package static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The folder this process runs in; `.` where it cannot be told.
    package static var current: String {
        guard let text = getcwd(nil, 0) else { return "." }
        defer { free(text) }
        return String(cString: text)
    }
}
