import Foundation
import WaypostAPI
import WaypostCore

/// The disk under the store: how much room is left, and a reserve to give up when there is none.
///
/// On a full disk a write-ahead log refuses even what would make room; the reserve lets outcomes that providers have
/// already reported be kept. Only the thread that keeps house sets it aside and gives it up.
struct StoreDisk {
    private static let reserveSize: Int64 = 8 << 20
    private let folder: String
    private let reservePath: String

    init(storePath: String) {
        folder = (storePath as NSString).deletingLastPathComponent
        reservePath = storePath + ".reserve"
    }

    /// As it is now: 256 MiB must be free, or a twentieth of a disk smaller than 5 GiB (contract: metrics, `/readyz`).
    /// nil when it cannot be told.
    var room: Health.Disk? {
        space.map { Health.Disk(free: $0.free, needed: $0.size < 5 << 30 ? $0.size / 20 : 256 << 20) }
    }

    /// Bytes that anybody may still use, and all there are; nil when it cannot be told.
    var space: (free: Int64, size: Int64)? {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return nil }
        let block = Int64(status.f_frsize)
        return (Int64(status.f_bavail) * block, Int64(status.f_blocks) * block)
    }

    /// Sets the reserve aside where it is missing and there is room for it.
    func reserve() {
        guard !FileManager.default.fileExists(atPath: reservePath), let room,
            room.free - Self.reserveSize > room.needed
        else { return }
        let descriptor = open(reservePath, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        if posix_fallocate(descriptor, 0, off_t(Self.reserveSize)) != 0 { unlink(reservePath) }
    }

    /// Gives it up; true when there was one.
    func giveUp() -> Bool { unlink(reservePath) == 0 }
}
