/// The samples of one look at `/metrics`.
struct Scrape {
    private let samples: [String: Double]

    init(_ text: String) {
        var samples: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let blank = line.lastIndex(of: " "), let value = Double(line[line.index(after: blank)...]) else {
                continue
            }
            samples[String(line[..<blank])] = value
        }
        self.samples = samples
    }

    /// One series by its full name, like `messages_sent_total{channel="email",status="sent",type="transactional"}` with
    /// labels in any order; nil where it does not exist.
    subscript(name: String, labels: [String: String]) -> Double? {
        samples.first { key, _ in Self.isSeries(key, name, labels, exactly: true) }?.value
    }

    subscript(name: String) -> Double? { samples[name] }

    /// The sum of all series of that name whose labels have these values.
    func sum(_ name: String, _ labels: [String: String] = [:]) -> Double {
        samples.reduce(0) { Self.isSeries($1.key, name, labels, exactly: false) ? $0 + $1.value : $0 }
    }

    private static func isSeries(_ key: String, _ name: String, _ labels: [String: String], exactly: Bool) -> Bool {
        guard key == name || key.hasPrefix(name + "{") else { return false }
        let given = key.dropFirst(name.count + 1).dropLast().split(separator: ",")
        guard !exactly || given.count == labels.count else { return false }
        return labels.allSatisfy { given.contains("\($0.key)=\"\($0.value)\"") }
    }
}
