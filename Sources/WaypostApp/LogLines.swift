import Foundation
import Logging
import Synchronization
import WaypostCore
import WaypostJSON

/// Where log lines go and what they look like; the configuration's section `log` at work. A reload changes both.
package final class LogLines: Sendable {
    private struct Style {
        var level: Logger.Level = .info
        var format: Configuration.Log.Format = .json
    }
    private let style = Mutex(Style())
    private let write: @Sendable ([UInt8]) -> Void
    /// Whether lines of text begin with their level as the journal reads it. Lines of JSON never do.
    private let isForJournal: Bool

    /// `write` is given whole lines, from any thread.
    package init(
        forJournal: Bool = false, write: @escaping @Sendable ([UInt8]) -> Void = LogLines.toStandardError
    ) {
        isForJournal = forJournal
        self.write = write
    }

    /// One `write` a line, so that lines of several threads do not mix.
    package static let toStandardError: @Sendable ([UInt8]) -> Void = { line in
        _ = line.withUnsafeBytes { Foundation.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    package func apply(_ settings: Configuration.Log) {
        style.withLock {
            $0.level = Logger.Level(rawValue: settings.level.rawValue) ?? .info
            $0.format = settings.format
        }
    }

    package var logger: Logger { Logger(label: "waypost") { _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        /// Of all loggers at once: the configuration's.
        var logLevel: Logger.Level {
            get { lines.style.withLock { $0.level } }
            set { lines.style.withLock { $0.level = newValue } }
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { _, given in given }.sorted { $0.key < $1.key }
            let time = SystemTime().wallNow
            switch lines.style.withLock({ $0.format }) {
            case .json: lines.write(Self.json(time, event, all))
            case .text:
                let mark = lines.isForJournal ? "<\(SystemJournal.priority(of: event.level))>" : ""
                lines.write(Array(mark.utf8) + Self.text(time, event, all))
            }
        }

        private static func json(
            _ time: Timestamp, _ event: LogEvent, _ metadata: [(key: String, value: Logger.MetadataValue)]
        ) -> [UInt8] {
            var json = JSONWriter(capacity: 256)
            json.object { json in
                json.member("time", plain: time.bytes)
                json.member("level", event.level.rawValue)
                json.member("message", "\(event.message)")
                for (key, value) in metadata { json.member(key, "\(value)") }
            }
            return json.bytes + [0x0A]
        }

        private static func text(
            _ time: Timestamp, _ event: LogEvent, _ metadata: [(key: String, value: Logger.MetadataValue)]
        ) -> [UInt8] {
            var line = "\(time) \(event.level.rawValue) \(event.message)"
            for (key, value) in metadata { line += " \(key)=\(value)" }
            return Array(line.map { $0.isNewline ? " " : $0 }.map(String.init).joined().utf8) + [0x0A]
        }
    }
}
