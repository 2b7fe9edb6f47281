/// The samples of a router's own `/metrics` (Prometheus text 0.0.4), as far as a look at its state needs them.
struct Exposition: Equatable {
    struct Sample: Equatable {
        var name: String
        var labels: [String: String] = [:]
        var value: Double
    }

    private(set) var samples: [Sample] = []

    /// Lines that cannot be read are passed over.
    init(_ text: String) {
        for line in text.split(separator: "\n") where line.first != "#" {
            if let sample = Self.sample(line) { samples.append(sample) }
        }
    }

    /// The first series of that name whose labels have these values.
    subscript(name: String, labels: [String: String]) -> Double? {
        samples.first { sample in sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value } }?
            .value
    }

    private static func sample(_ line: Substring) -> Sample? {
        let name = line.prefix { $0 != "{" && $0 != " " }
        var rest = line[name.endIndex...]
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest = rest.dropFirst()
            while let first = rest.first, first != "}" {
                guard let label = label(&rest) else { return nil }
                labels[label.name] = label.value
                if rest.first == "," { rest = rest.dropFirst() }
            }
            rest = rest.dropFirst()
        }
        // A time may follow the value.
        guard !name.isEmpty, let number = rest.split(separator: " ").first, let value = number.metricValue else {
            return nil
        }
        return Sample(name: String(name), labels: labels, value: value)
    }

    /// `name="value"` at the beginning, with `\\`, `\"` and `\n` escaped in the value.
    private static func label(_ rest: inout Substring) -> (name: String, value: String)? {
        let name = rest.prefix { $0 != "=" }
        rest = rest[name.endIndex...].dropFirst()
        guard !name.isEmpty, rest.first == "\"" else { return nil }
        rest = rest.dropFirst()
        var value = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return (String(name), value)
            case "\\":
                guard let escaped = rest.popFirst() else { return nil }
                value.append(escaped == "n" ? "\n" : escaped)
            default: value.append(character)
            }
        }
        return nil
    }
}

extension Substring {
    /// A number as metrics are written; `+Inf`, `-Inf` and `NaN` among them.
    fileprivate var metricValue: Double? {
        switch self {
        case "+Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": .nan
        default: Double(self)
        }
    }
}
