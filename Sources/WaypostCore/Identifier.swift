/// What kind of thing an `Identifier` names; gives it the prefix it wears outside.
package protocol IdentifierKind: Sendable {
    static var prefix: StaticString { get }
}

/// A ULID that knows what it names, so that swapped arguments do not compile. Outside it is written with its prefix.
package struct Identifier<Kind: IdentifierKind>: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let value: ULID

    package init(_ value: ULID) { self.value = value }

    /// A fresh identifier for the given moment.
    package init(at time: Timestamp) { value = ULID(at: time) }

    /// Reads the form with the prefix, as clients write it.
    package init?(_ text: String) {
        let prefix = Kind.prefix.description
        guard text.hasPrefix(prefix), let value = ULID(text.utf8.dropFirst(prefix.utf8.count)) else { return nil }
        self.value = value
    }

    package var description: String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// The description as UTF-8.
    package var bytes: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(30)
        Kind.prefix.withUTF8Buffer { text.append(contentsOf: $0) }
        value.write(to: &text)
        return text
    }

    package static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}

package enum MessageKind: IdentifierKind { package static var prefix: StaticString { "msg_" } }
package enum AttemptKind: IdentifierKind { package static var prefix: StaticString { "att_" } }
package enum EventKind: IdentifierKind { package static var prefix: StaticString { "evt_" } }
package enum RequestKind: IdentifierKind { package static var prefix: StaticString { "req_" } }
package enum OverrideKind: IdentifierKind { package static var prefix: StaticString { "ovr_" } }
package enum DiagnosticKind: IdentifierKind { package static var prefix: StaticString { "dia_" } }

package typealias MessageID = Identifier<MessageKind>
package typealias AttemptID = Identifier<AttemptKind>
package typealias EventID = Identifier<EventKind>
package typealias RequestID = Identifier<RequestKind>
package typealias OverrideID = Identifier<OverrideKind>
package typealias DiagnosticID = Identifier<DiagnosticKind>
