/// The ASCII form of internationalised domain labels (RFC 3492, and the `xn--` prefix of RFC 5890).
enum Punycode {
    /// A domain whose labels are all ASCII, lower-cased where a label had to be encoded.
    ///
    /// Of the mapping that precedes encoding (UTS 46), lower-casing and the ideographic full stops are done; labels are
    /// taken to be composed (NFC), as keyboards and mail programs write them.
    static func ascii(domain: String) -> String {
        domain.unicodeScalars.split(omittingEmptySubsequences: false) { ".。．｡".unicodeScalars.contains($0) }
            .map { label in
                label.allSatisfy(\.isASCII) ? String(label) : "xn--" + encode(String(label).lowercased())
            }
            .joined(separator: ".")
    }

    /// RFC 3492 section 6.3; a label is at most 63 characters, so nothing here can overflow.
    private static func encode(_ label: String) -> String {
        let scalars = label.unicodeScalars.map { Int($0.value) }
        var output = scalars.filter { $0 < 0x80 }.map { UInt8($0) }
        let basic = output.count
        var handled = basic
        if basic > 0 { output.append(UInt8(ascii: "-")) }
        var (point, delta, bias) = (0x80, 0, 72)
        while handled < scalars.count {
            guard let next = scalars.filter({ $0 >= point }).min() else { break }
            delta += (next - point) * (handled + 1)
            point = next
            for scalar in scalars {
                if scalar < point { delta += 1 }
                guard scalar == point else { continue }
                appendInteger(delta, bias: bias, to: &output)
                bias = adapt(delta, count: handled + 1, first: handled == basic)
                delta = 0
                handled += 1
            }
            delta += 1
            point += 1
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func appendInteger(_ delta: Int, bias: Int, to output: inout [UInt8]) {
        var rest = delta
        var step = 36
        while true {
            let threshold = min(max(step - bias, 1), 26)
            if rest < threshold { break }
            output.append(digit(threshold + (rest - threshold) % (36 - threshold)))
            rest = (rest - threshold) / (36 - threshold)
            step += 36
        }
        output.append(digit(rest))
    }

    /// RFC 3492 section 6.1.
    private static func adapt(_ delta: Int, count: Int, first: Bool) -> Int {
        var delta = first ? delta / 700 : delta / 2
        delta += delta / count
        var bias = 0
        while delta > 455 {
            delta /= 35
            bias += 36
        }
        return bias + 36 * delta / (delta + 38)
    }

    private static func digit(_ value: Int) -> UInt8 { UInt8(value < 26 ? value + 0x61 : value - 26 + 0x30) }
}
