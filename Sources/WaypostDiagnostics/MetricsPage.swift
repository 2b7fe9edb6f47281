/// The samples of our own page of metrics (Prometheus text 0.0.4), to be asked by name.
package struct MetricsPage: Sendable {
    package struct Sample: Equatable, Sendable {
        package var labels: [String: String]
        package var value: Double
    }

    private var samples: [String: [Sample]] = [:]

    package init(_ text: String) {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let (name, sample) = Self.sample(line) else { continue }
            samples[name, default: []].append(sample)
        }
    }

    /// All of one name that carry these labels, and perhaps others.
    package func all(_ name: String, _ labels: [String: String] = [:]) -> [Sample] {
        (samples[name] ?? []).filter { sample in labels.allSatisfy { sample.labels[$0.key] == $0.value } }
    }

    /// nil: there is none.
    package func value(_ name: String, _ labels: [String: String] = [:]) -> Double? { all(name, labels).first?.value }

    package func sum(_ name: String, _ labels: [String: String] = [:]) -> Double {
        all(name, labels).reduce(0) { $0 + $1.value }
    }

    /// As Prometheus' `histogram_quantile`, over all series with these labels: straight within a bucket; the largest bound
    /// where it lies beyond. nil: nothing was observed.
    package func quantile(_ fraction: Double, of name: String, _ labels: [String: String] = [:]) -> Double? {
        var counts: [Double: Double] = [:]
        for sample in all(name + "_bucket", labels) {
            guard let text = sample.labels["le"], let bound = text == "+Inf" ? .infinity : Double(text) else {
                continue
            }
            counts[bound, default: 0] += sample.value
        }
        let buckets = counts.sorted { $0.key < $1.key }
        guard let total = buckets.last?.value, total > 0 else { return nil }
        let rank = fraction * total
        var (low, below) = (0.0, 0.0)
        for (bound, count) in buckets {
            if count >= rank {
                guard bound.isFinite, count > below else { return low }
                return low + (bound - low) * (rank - below) / (count - below)
            }
            (low, below) = (bound, count)
        }
        return low
    }

    private static func sample(_ line: Substring) -> (String, Sample)? {
        guard let space = line.lastIndex(of: " "), let value = number(line[line.index(after: space)...]) else {
            return nil
        }
        let series = line[..<space]
        guard let brace = series.firstIndex(of: "{") else { return (String(series), Sample(labels: [:], value: value)) }
        return (
            String(series[..<brace]),
            Sample(labels: labels(series[series.index(after: brace)...].dropLast()), value: value)
        )
    }

    private static func number(_ text: Substring) -> Double? {
        switch text {
        case "+Inf": .infinity
        case "-Inf": -.infinity
        default: Double(text)
        }
    }

    private static func labels(_ text: Substring) -> [String: String] {
        var labels: [String: String] = [:]
        var rest = text
        while let equals = rest.firstIndex(of: "=") {
            let name = rest[..<equals].drop { $0 == "," }
            var value = ""
            rest = rest[equals...].dropFirst(2)
            while let character = rest.popFirst(), character != "\"" {
                if character == "\\", let escaped = rest.popFirst() {
                    value.append(escaped == "n" ? "\n" : escaped)
                } else {
                    value.append(character)
                }
            }
            labels[String(name)] = value
        }
        return labels
    }
}
