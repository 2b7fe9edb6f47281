import Foundation
import WaypostMetrics

/// What every Prometheus client tells of its process, from Linux's `/proc`.
enum ProcessFacts {
    static func register(in registry: MetricsRegistry) {
        registry.collectedCounter("process_cpu_seconds_total", "Processor time used, in seconds.") { sink in
            var usage = rusage()
            guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return }
            sink([], seconds(usage.ru_utime) + seconds(usage.ru_stime))
        }
        registry.collectedGauge("process_resident_memory_bytes", "Memory that is resident.") { sink in
            if let pages = residentPages { sink([], Double(pages * sysconf(Int32(_SC_PAGESIZE)))) }
        }
        registry.collectedGauge("process_open_fds", "Open file descriptors.") { sink in
            if let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
                sink([], Double(names.count))
            }
        }
        registry.collectedGauge("process_max_fds", "How many file descriptors may be open.") { sink in
            var limit = rlimit()
            if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 { sink([], Double(limit.rlim_cur)) }
        }
        let startedAt = Date().timeIntervalSince1970
        registry.collectedGauge("process_start_time_seconds", "When the process began, in Unix time.") {
            $0([], startedAt)
        }
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    /// The second word of `/proc/self/statm`.
    private static var residentPages: Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
        let words = text.split(separator: " ")
        return words.count > 1 ? Int(words[1]) : nil
    }
}
