import Foundation
import Logging

/// The journal at the other end of standard error: it takes a line's level from `<N>` before it (sd-daemon(3)).
package enum SystemJournal {
    /// Whether `stream`, which is the variable `JOURNAL_STREAM`, names standard error: it may have been led elsewhere since.
    package static func isStandardError(_ stream: String?) -> Bool {
        var file = stat()
        guard let stream, fstat(STDERR_FILENO, &file) == 0 else { return false }
        return stream == "\(file.st_dev):\(file.st_ino)"
    }

    /// syslog's number for the level.
    static func priority(of level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
