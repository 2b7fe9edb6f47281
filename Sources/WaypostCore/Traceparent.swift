/// The `traceparent` header of W3C Trace Context: which trace a request belongs to, and which step of it called.
///
/// https://www.w3.org/TR/trace-context/#traceparent-header
package struct Traceparent: Equatable, Sendable, CustomStringConvertible {
    /// 16 bytes, not all zero, in order: high half, low half.
    package let trace: (high: UInt64, low: UInt64)
    /// The calling step; not zero.
    package let parent: UInt64
    /// Bit 0: sampled.
    package let flags: UInt8

    /// Reads a header. nil for anything that the recommendation says to ignore: then a trace is begun instead.
    package init?(_ text: String) {
        var rest = Substring(text).utf8
        guard let version = Self.number(&rest, digits: 2), version != 0xFF, Self.dash(&rest),
            let high = Self.number(&rest, digits: 16), let low = Self.number(&rest, digits: 16), Self.dash(&rest),
            let parent = Self.number(&rest, digits: 16), Self.dash(&rest), let flags = Self.number(&rest, digits: 2),
            high | low != 0, parent != 0
        else { return nil }
        // A later version may say more after a further dash; version 0 ends here.
        guard rest.isEmpty || version > 0 && rest.first == UInt8(ascii: "-") else { return nil }
        self.init(trace: (high, low), parent: parent, flags: UInt8(flags))
    }

    private init(trace: (high: UInt64, low: UInt64), parent: UInt64, flags: UInt8) {
        self.trace = trace
        self.parent = parent
        self.flags = flags
    }

    /// A trace that nobody began before us, marked as sampled.
    package static func begun(using generator: inout some RandomNumberGenerator) -> Traceparent {
        Traceparent(
            trace: (generator.next(), generator.nextNonZero()), parent: generator.nextNonZero(), flags: 1)
    }

    package static func begun() -> Traceparent {
        var generator = SystemRandomNumberGenerator()
        return begun(using: &generator)
    }

    /// The trace's id, 32 hexadecimal digits, as a header of version 0 says it; nil for anything else.
    package static func traceID(in header: String) -> String? {
        let bytes = header.utf8
        guard bytes.count == 55 else { return nil }
        let start = bytes.index(bytes.startIndex, offsetBy: 3)
        return String(header[start..<bytes.index(start, offsetBy: 32)])
    }

    /// The same trace with a step of our own as the caller; of the flags, only what version 0 knows goes on.
    package func continued(using generator: inout some RandomNumberGenerator) -> Traceparent {
        Traceparent(trace: trace, parent: generator.nextNonZero(), flags: flags & 1)
    }

    package func continued() -> Traceparent {
        var generator = SystemRandomNumberGenerator()
        return continued(using: &generator)
    }

    /// Takes up the trace of a request's header, or begins one.
    package static func taking(up header: String?) -> Traceparent {
        header.flatMap(Traceparent.init)?.continued() ?? begun()
    }

    /// Version 0: `00-` trace `-` parent `-` flags, 55 characters.
    package var description: String {
        var text = [UInt8]("00-".utf8)
        text.reserveCapacity(55)
        Self.write(trace.high, digits: 16, to: &text)
        Self.write(trace.low, digits: 16, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.write(parent, digits: 16, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.write(UInt64(flags), digits: 2, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    package static func == (left: Traceparent, right: Traceparent) -> Bool {
        left.trace == right.trace && left.parent == right.parent && left.flags == right.flags
    }

    private static func write(_ value: UInt64, digits: Int, to text: inout [UInt8]) {
        for position in stride(from: (digits - 1) * 4, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: value >> UInt64(position) & 15)
            text.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
    }

    /// Lower-case hexadecimal only, as the recommendation has it.
    private static func number(_ rest: inout Substring.UTF8View, digits: Int) -> UInt64? {
        guard rest.count >= digits else { return nil }
        var value: UInt64 = 0
        for byte in rest.prefix(digits) {
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt64(byte - 0x30)
            case 0x61...0x66: value = value << 4 | UInt64(byte - 0x57)
            default: return nil
            }
        }
        rest = rest.dropFirst(digits)
        return value
    }

    private static func dash(_ rest: inout Substring.UTF8View) -> Bool {
        guard rest.first == UInt8(ascii: "-") else { return false }
        rest = rest.dropFirst()
        return true
    }
}

extension RandomNumberGenerator {
    fileprivate mutating func nextNonZero() -> UInt64 {
        while true {
            let value = next()
            if value != 0 { return value }
        }
    }
}
