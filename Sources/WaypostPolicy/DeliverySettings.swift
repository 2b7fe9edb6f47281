import WaypostConfiguration
import WaypostCore

/// How often and how far apart rounds are tried, and how long a message may live (contract: `delivery`).
package struct DeliverySettings: Equatable, Sendable {
    /// Before the second, third, … round; after the last: the dead-letter queue.
    package var delays: [Duration] = [.seconds(1), .seconds(5), .seconds(15)]
    /// Each delay is spread by this share of itself, up and down; 0 to 1.
    package var jitter: Double = 0.2
    package var defaultTTL: [MessageType: Duration] = [
        .transactional: .seconds(86_400), .notification: .seconds(86_400), .marketing: .seconds(3 * 86_400),
    ]
    package init() {}
}

/// Sliding windows on what comes in (contract: `limits`); nil is `off`.
package struct LimitSettings: Equatable, Sendable {
    package var recipient: WindowSettings? = WindowSettings(limit: 10, window: .seconds(60))
    package var recipientByType: [MessageType: WindowSettings] = [:]
    package init() {}
}

extension DeliverySettings {
    /// The section `delivery`.
    package init(reading section: inout SectionReader) {
        self.init()
        if var retry = section.section("retry") {
            delays = retry.durations("delays", in: .zero ... .seconds(7 * 86_400)) ?? delays
            jitter = retry.number("jitter", default: jitter, in: 0...1)
            retry.finish()
            if delays.count > 100 {
                retry.complain("delays", "holds more than 100 delays", wayOut: "write fewer, longer ones")
            }
        }
        if var table = section.section("default_ttl") {
            let given = table.table(of: MessageType.self) { table, type in
                table.duration(type.rawValue, in: .seconds(1) ... .seconds(366 * 86_400))
            }
            defaultTTL.merge(given) { _, given in given }
        }
        section.finish()
    }
}

extension LimitSettings {
    /// The section `limits`.
    package init(reading section: inout SectionReader) {
        self.init()
        recipient = WindowSettings.read("recipient", in: &section, default: recipient)
        if var table = section.section("recipient_by_type") {
            recipientByType = table.table { table, type in WindowSettings.read(type.rawValue, in: &table) }
        }
        section.finish()
    }
}
