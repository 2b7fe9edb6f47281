/// What a provider asks for what it took.
package struct Cost: Equatable, Sendable {
    /// Micro-units of the currency.
    package var micros: Int64
    /// ISO 4217.
    package var currency: String

    package init(micros: Int64, currency: String) {
        self.micros = micros
        self.currency = currency
    }

    /// The sum; nil for none, and for several currencies.
    package static func sum(_ costs: [Cost]) -> Cost? {
        guard let first = costs.first, costs.allSatisfy({ $0.currency == first.currency }) else { return nil }
        return Cost(micros: costs.reduce(0) { $0 &+ $1.micros }, currency: first.currency)
    }
}
