import Foundation

/// Starting touches much code that running does not: readers of configuration, migrations, the linker's own work.
enum StartupMemory {
    /// Lets the kernel take the mapped code back; what is needed again comes back from the page cache, by a minor fault.
    ///
    /// Code alone (`r-xp`, never written to, backed by its file): dropping it loses nothing. Halves what is resident while
    /// nothing happens.
    static func giveBack() {
        // Files in /proc have no size, and readers that trust it stop short.
        guard let maps = try? FileHandle(forReadingAtPath: "/proc/self/maps")?.readToEnd() else { return }
        for line in String(decoding: maps, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ", omittingEmptySubsequences: true)
            guard words.count >= 6, words[1] == "r-xp", words[5].hasPrefix("/") else { continue }
            let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard ends.count == 2, let start = UnsafeMutableRawPointer(bitPattern: ends[0]) else { continue }
            madvise(start, Int(ends[1] - ends[0]), MADV_DONTNEED)
        }
    }
}
