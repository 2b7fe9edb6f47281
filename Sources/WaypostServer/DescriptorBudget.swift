import Glibc
import Synchronization

/// How many connections the process's file limit (RLIMIT_NOFILE) leaves room for.
struct DescriptorBudget: Equatable {
    /// Files the rest of the process may want open: connections to providers, the store, logs.
    static let others = 512

    /// Connections that may be open at once, at least 1.
    var granted: Int
    /// What the soft limit must become.
    var softLimit: Int
    /// Set where fewer were granted than asked for: a sentence for an operator.
    var note: String?

    /// - Parameters:
    ///   - claimed: what other servers of this process were granted before.
    ///   - soft: the limit in force.
    ///   - hard: how far the process may raise it by itself.
    init(wanted: Int, claimed: Int, soft: Int, hard: Int) {
        // A small hard limit is shared out rather than eaten by the reserve.
        let reserve = min(Self.others, hard / 4)
        granted = max(1, min(wanted, hard - reserve - claimed))
        softLimit = max(soft, min(hard, granted + claimed + reserve))
        if granted < wanted {
            note = """
                connections are limited to \(granted) instead of \(wanted): the process may open \(hard) files at most; \
                raise the hard limit (ulimit -Hn, LimitNOFILE=)
                """
        }
    }

    private static let claimed = Mutex(0)

    /// Claims room for so many connections, raising the soft limit as far as that needs.
    static func claim(_ wanted: Int) -> DescriptorBudget {
        claimed.withLock { claimed in
            var limit = rlimit()
            guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
                return DescriptorBudget(wanted: wanted, claimed: claimed, soft: .max / 2, hard: .max / 2)
            }
            let budget = DescriptorBudget(
                wanted: wanted, claimed: claimed, soft: Int(clamping: limit.rlim_cur),
                hard: Int(clamping: limit.rlim_max))
            if budget.softLimit > Int(clamping: limit.rlim_cur) {
                limit.rlim_cur = rlim_t(budget.softLimit)
                setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            }
            claimed += budget.granted
            return budget
        }
    }

    static func release(_ granted: Int) { claimed.withLock { $0 -= granted } }
}
