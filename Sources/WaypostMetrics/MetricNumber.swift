/// Numbers as Prometheus writes them: the shortest digits that read back the same, in the form of Go's `%g`.
enum MetricNumber {
    /// `1`, `0.005`, `1.5e+06`, `NaN`, `+Inf`.
    static func text(_ value: Double) -> String {
        var bytes: [UInt8] = []
        append(value, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// As OpenMetrics wants bounds: always with a fraction or an exponent (`1.0`).
    static func canonical(_ value: Double) -> String {
        let text = text(value)
        return text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") } ? text + ".0" : text
    }

    static func append(whole value: UInt64, to bytes: inout [UInt8]) {
        if value >= 10 { append(whole: value / 10, to: &bytes) }
        bytes.append(UInt8(ascii: "0") + UInt8(value % 10))
    }

    static func append(_ value: Double, to bytes: inout [UInt8]) {
        guard value.isFinite else {
            bytes.append(contentsOf: (value.isNaN ? "NaN" : value > 0 ? "+Inf" : "-Inf").utf8)
            return
        }
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let magnitude = value.magnitude
        if magnitude < 1e6, magnitude == magnitude.rounded(.towardZero) {
            append(whole: UInt64(magnitude), to: &bytes)
        } else {
            appendShortest(magnitude, to: &bytes)
        }
    }

    /// Go changes to an exponent at 1e21 for what people read, but at six digits before the point for `%g` in its
    /// shortest form, and below 0.0001.
    private static func appendShortest(_ value: Double, to bytes: inout [UInt8]) {
        // Swift finds the same shortest digits and only places the point differently.
        var digits: [UInt8] = []
        var pointAt: Int?
        var exponent = 0
        var description = value.description.utf8[...]
        if let mark = description.firstIndex(of: UInt8(ascii: "e")) {
            exponent = Int(Substring(description[description.index(after: mark)...])) ?? 0
            description = description[..<mark]
        }
        for byte in description {
            if byte == UInt8(ascii: ".") { pointAt = digits.count } else { digits.append(byte) }
        }
        // The value is 0.d₁d₂d₃… × 10^power.
        var power = (pointAt ?? digits.count) + exponent
        let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(zeros)
        power -= zeros
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }

        if power < -3 || power > 6 {
            appendScientific(digits, exponent: power - 1, to: &bytes)
        } else if power <= 0 {
            bytes.append(contentsOf: "0.".utf8)
            bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: -power))
            bytes.append(contentsOf: digits)
        } else {
            bytes.append(contentsOf: digits.prefix(power))
            bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: max(0, power - digits.count)))
            if digits.count > power {
                bytes.append(UInt8(ascii: "."))
                bytes.append(contentsOf: digits.dropFirst(power))
            }
        }
    }

    private static func appendScientific(_ digits: [UInt8], exponent: Int, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: digits.prefix(1))
        if digits.count > 1 {
            bytes.append(UInt8(ascii: "."))
            bytes.append(contentsOf: digits.dropFirst())
        }
        bytes.append(contentsOf: (exponent < 0 ? "e-" : "e+").utf8)
        if abs(exponent) < 10 { bytes.append(UInt8(ascii: "0")) }
        append(whole: UInt64(abs(exponent)), to: &bytes)
    }
}
