import Glibc

/// A real file system of a few MiB, mounted over a folder until it goes away.
final class SmallDisk {
    let path: String

    /// Mounting takes root, and a machine that lets root.
    static let isPossible: Bool = {
        guard let folder = try? Folder(), let disk = try? SmallDisk(on: folder.file("store"), megabytes: 1) else {
            return false
        }
        return withExtendedLifetime((folder, disk)) { true }
    }()

    init(on path: String, megabytes: Int) throws {
        self.path = path
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
            throw Wire.Broken(description: "cannot mount: \(String(cString: strerror(errno)))")
        }
    }

    deinit { umount2(path, CInt(MNT_DETACH)) }

    private var filler: String { path + "/filler" }

    /// Leaves not a byte free.
    func fill() throws {
        let descriptor = open(filler, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Wire.Broken(description: "cannot fill: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        for size in [65_536, 4_096, 1] {
            let bytes = [UInt8](repeating: 0x20, count: size)
            while write(descriptor, bytes, size) > 0 {}
        }
    }

    /// Gives the space back.
    func empty() { unlink(filler) }
}
