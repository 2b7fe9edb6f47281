import WaypostCore
import WaypostJSON

/// `POST /v1/providers/{name}/disable`, `/enable` and `/probe`: why, and for how long. Both may be left out, the body too.
package struct ProviderOperation: Equatable, Sendable {
    package var reason: String?
    /// The field `for`; after it the override lifts itself. nil: until it is undone.
    package var duration: Duration?

    /// The longest `for`.
    static let longest = Duration.seconds(365 * 86_400)

    package static func decode(_ body: JSONValue) -> Result<ProviderOperation, Problem> {
        FieldReader.read(body) { ProviderOperation(reading: &$0) }
    }

    init(reading reader: inout FieldReader) {
        reason = reader.reason(isRequired: false)
        duration = reader.duration("for", upTo: Self.longest)
    }
}

/// `POST /v1/providers/{name}/breaker`.
package struct BreakerOperation: Equatable, Sendable {
    package enum State: String, CaseIterable, Sendable {
        case open, closed
        /// The breaker decides by itself again.
        case auto
    }

    package var state: State
    /// nil: on all channels of the provider.
    package var channel: Channel?
    package var reason: String?
    package var duration: Duration?

    package static func decode(_ body: JSONValue) -> Result<BreakerOperation, Problem> {
        FieldReader.read(body) { reader in
            let state = reader.require("state").flatMap { _ in reader.word("state", as: State.self) }
            let channel = reader.word("channel", as: Channel.self)
            let common = ProviderOperation(reading: &reader)
            guard let state else { return nil }
            if state == .auto, common.duration != nil {
                reader.complain(.name("for"), "makes no sense with auto, which holds nothing")
            }
            return BreakerOperation(state: state, channel: channel, reason: common.reason, duration: common.duration)
        }
    }
}
