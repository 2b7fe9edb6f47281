/// A credential. It is used by naming `value`; printing, interpolating or dumping it shows `***`.
package struct Secret: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
    package let value: String

    package init(_ value: String) { self.value = value }

    package var description: String { "***" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
