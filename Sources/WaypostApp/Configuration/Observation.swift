import WaypostConfiguration

extension Configuration {
    /// The section `log`; it goes to standard error.
    package struct Log: Equatable, Sendable {
        /// The names are those of swift-log.
        package enum Level: String, CaseIterable, Sendable {
            case trace, debug, info, notice, warning, error, critical
        }
        package enum Format: String, CaseIterable, Sendable { case json, text }

        package var level: Level
        package var format: Format

        init(reading section: inout SectionReader) {
            level = section.enumeration("level", default: .info)
            format = section.enumeration("format", default: .json)
            section.finish()
        }
    }

    /// The section `metrics`.
    package struct Metrics: Equatable, Sendable {
        /// A stretch of time for which delivery rates are told.
        package struct Window: Equatable, Sendable {
            /// As it was written: the label's value.
            package var label: String
            package var length: Duration
        }
        /// The shortest first.
        package var deliveryWindows: [Window]

        init(reading section: inout SectionReader) {
            let labels = section.stringList("delivery_windows")
            let lengths = section.durations("delivery_windows", in: .seconds(60) ... .seconds(366 * 86_400))
            section.finish()
            let usual = [("1h", 3600), ("24h", 86_400), ("7d", 7 * 86_400)]
            deliveryWindows = usual.map { Window(label: $0.0, length: .seconds($0.1)) }
            guard let labels, let lengths, labels.count == lengths.count else { return }
            deliveryWindows = zip(labels, lengths).map(Window.init).sorted { $0.length < $1.length }
            for (shorter, longer) in zip(deliveryWindows, deliveryWindows.dropFirst())
            where shorter.length == longer.length {
                section.complain(
                    "delivery_windows", "holds \(shorter.label) and \(longer.label), which are one",
                    wayOut: "keep one of the two")
            }
            if deliveryWindows.count > 20 {
                section.complain("delivery_windows", "holds more than 20 windows", wayOut: "write fewer")
            }
        }
    }
}
