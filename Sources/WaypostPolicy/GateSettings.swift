import WaypostConfiguration
import WaypostCore

/// What a provider instance may carry at once, at what price, and when it rests: everything but how it speaks.
package struct GateSettings: Equatable, Sendable {
    package var enabled = true
    /// Share under strategy `weighted`, from 0.
    package var weight = 1
    /// Attempts under way at once; also the bound of what a crash leaves in doubt.
    package var maxInFlight = 64
    /// By channel: sms opens sooner by default.
    package var breakers: [Channel: CircuitBreakerSettings] = [:]
    /// All must agree.
    package var rateLimits: [WindowSettings] = []
    package var price: Price?
    package init() {}

    /// In micro-units of a currency per delivery.
    package struct Price: Equatable, Sendable {
        package var perMessage: Int64
        /// ISO 4217.
        package var currency: String
        /// By ISO 3166 alpha-2 country of the recipient.
        package var countries: [String: Int64]
        package init(perMessage: Int64, currency: String, countries: [String: Int64] = [:]) {
            self.perMessage = perMessage
            self.currency = currency
            self.countries = countries
        }
        package func micros(country: String?) -> Int64 { country.flatMap { countries[$0] } ?? perMessage }
    }
}

extension GateSettings {
    /// The keys that every provider's entry takes, whatever its kind. `channels` is what it can carry; the entry's owner
    /// finishes the section.
    package init(reading entry: inout SectionReader, channels: [Channel], maxInFlight defaultInFlight: Int) {
        self.init()
        enabled = entry.boolean("enabled", default: enabled)
        weight = entry.integer("weight", default: weight, in: 0...1_000_000)
        maxInFlight = entry.integer("max_in_flight", default: defaultInFlight, in: 1...100_000)
        let breaker = entry.sectionOrEmpty("breaker")
        for channel in channels {
            var breaker = breaker  // read once for each channel: what it leaves out differs
            breakers[channel] = CircuitBreakerSettings(reading: &breaker, defaults: .init(for: channel))
        }
        rateLimits = (entry.sectionList("rate_limits") ?? []).compactMap { limit in
            var limit = limit
            return WindowSettings(reading: &limit)
        }
        if var section = entry.section("price") { price = Price(reading: &section) }
    }
}

extension GateSettings.Price {
    /// `{per_message: 0, currency: USD, countries: {US: 7900}}`.
    init?(reading section: inout SectionReader) {
        let amounts = 0...1_000_000_000_000
        let perMessage = section.integer("per_message", default: 0, in: amounts)
        let currency = section.string("currency") ?? "USD"
        var countries: [String: Int64] = [:]
        if var table = section.section("countries") {
            for country in table.keys {
                guard let amount = table.integer(country, in: amounts) else { continue }
                if CountryCode.isOne(country) {
                    countries[country] = Int64(amount)
                } else {
                    table.complain(country, "is not a country", wayOut: "write two capital letters, like NL")
                }
            }
        }
        section.finish()
        guard currency.utf8.count == 3, CountryCode.isCapitals(currency) else {
            section.complain(
                "currency", "\"\(currency)\" is not a currency", wayOut: "write three capital letters, like EUR")
            return nil
        }
        self.init(perMessage: Int64(perMessage), currency: currency, countries: countries)
    }
}

/// ISO 3166 alpha-2 by its shape: the list of countries changes, the shape does not.
enum CountryCode {
    static func isOne(_ text: String) -> Bool { text.utf8.count == 2 && isCapitals(text) }

    static func isCapitals(_ text: String) -> Bool { text.utf8.allSatisfy { (0x41...0x5A).contains($0) } }
}
