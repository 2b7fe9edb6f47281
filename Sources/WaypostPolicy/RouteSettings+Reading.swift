import WaypostConfiguration
import WaypostCore

extension RouteSettings {
    /// What a route must know of a provider that it may name.
    package struct Candidate: Equatable, Sendable {
        package var name: ProviderName
        package var channels: [Channel]
        package var price: GateSettings.Price?
        package var isEnabled: Bool
        package init(name: ProviderName, channels: [Channel], price: GateSettings.Price? = nil, isEnabled: Bool = true)
        {
            self.name = name
            self.channels = channels
            self.price = price
            self.isEnabled = isEnabled
        }
    }

    /// Every enabled provider that can carry the channel, in the configuration's order; nil where there is none.
    package init?(defaultFor channel: Channel, among candidates: [Candidate]) {
        let able = candidates.filter { $0.isEnabled && $0.channels.contains(channel) }
        guard !able.isEmpty else { return nil }
        self.init(providers: able.map(\.name))
    }

    /// One entry of `routes`. `candidates` are all providers of the configuration.
    package init(reading section: inout SectionReader, channel: Channel, among candidates: [Candidate]) {
        self.init(providers: [])
        let choice = Choice(channel: channel, candidates: candidates)
        let named = choice.read(&section)
        providers = named ?? RouteSettings(defaultFor: channel, among: candidates)?.providers ?? []
        if named == nil, providers.isEmpty {
            section.complain("has no provider that can carry \(channel.rawValue)", wayOut: "add one under providers")
        }
        strategy = section.enumeration("strategy", default: strategy)
        if strategy == .leastCost { choice.checkPrices(of: providers, in: section, "strategy") }
        for rule in section.sectionList("rules") ?? [] {
            var rule = rule
            if let rule = Rule(reading: &rule, strategy: strategy, choice: choice) { rules.append(rule) }
        }
        if var table = section.section("on_ambiguous") {
            onAmbiguous = table.table { table, type in table.enumeration(type.rawValue) }
        }
        section.finish()
    }
}

/// The providers that a channel's route may name.
private struct Choice {
    let channel: Channel
    let candidates: [RouteSettings.Candidate]

    /// The list `providers`; nil where it is not set.
    func read(_ section: inout SectionReader) -> [ProviderName]? {
        var seen: [ProviderName] = []
        var isEmpty = true
        let texts = section.stringList("providers") { text in
            isEmpty = false
            if let flaw = flaw(in: text) { return flaw }
            guard let name = ProviderName(text), !seen.contains(name) else { return ("stands twice", "keep one") }
            seen.append(name)
            return nil
        }
        if texts != nil, isEmpty {
            section.complain("providers", "is empty", wayOut: "name a provider, or remove the key to use all that can")
        }
        return texts.map { _ in seen }
    }

    private func flaw(in text: String) -> (complaint: String, wayOut: String?)? {
        guard let candidate = candidates.first(where: { $0.name.text == text }) else {
            let able = candidates.filter { $0.channels.contains(channel) }.map(\.name.text)
            let meant = Spelling.nearest(to: text, among: able).map { "did you mean \($0)?" }
            return ("is not a provider", meant ?? "add it under providers, or remove it here")
        }
        guard candidate.channels.contains(channel) else {
            let channels = candidate.channels.map(\.rawValue).joined(separator: ", ")
            return ("cannot carry \(channel.rawValue)", "remove it here; it carries \(channels)")
        }
        return nil
    }

    /// `least_cost` compares prices, so each provider needs one, all in one currency.
    func checkPrices(of providers: [ProviderName], in section: SectionReader, _ key: String) {
        let named = providers.compactMap { name in candidates.first { $0.name == name } }
        let free = named.filter { $0.price == nil }.map(\.name.text)
        guard free.isEmpty else {
            section.complain(
                key, "least_cost needs a price at \(free.joined(separator: " and "))",
                wayOut: "add price: {per_message: …, currency: …} there")
            return
        }
        let currencies = Set(named.compactMap(\.price?.currency)).sorted()
        if currencies.count > 1 {
            section.complain(
                key, "least_cost cannot compare \(currencies.joined(separator: " with "))",
                wayOut: "write the prices of this route's providers in one currency")
        }
    }
}

extension RouteSettings.Rule {
    fileprivate init?(reading section: inout SectionReader, strategy routeStrategy: Strategy, choice: Choice) {
        let match: RouteSettings.Rule.Match? =
            if var section = section.section("match") { RouteSettings.Rule.Match(reading: &section) } else { nil }
        if !section.has("match") {
            section.complain("match", "is missing", wayOut: "add it, like match: {country: [NL, BE]}")
        }
        if !section.has("providers") {
            section.complain("providers", "is missing", wayOut: "name the providers to use")
        }
        let providers = choice.read(&section) ?? []
        let strategy: Strategy? = section.enumeration("strategy")
        if strategy ?? routeStrategy == .leastCost {
            choice.checkPrices(of: providers, in: section, strategy == nil ? "providers" : "strategy")
        }
        section.finish()
        guard let match else { return nil }
        self.init(match: match, providers: providers)
        self.strategy = strategy
    }
}

extension RouteSettings.Rule.Match {
    fileprivate init(reading section: inout SectionReader) {
        self.init()
        countries =
            section.stringList("country") { text in
                CountryCode.isOne(text) ? nil : ("is not a country", "write two capital letters, like NL")
            } ?? []
        types = section.enumerations("type") ?? []
        clients = section.stringList("client") ?? []
        tags = section.stringList("tag") ?? []
        platforms = section.stringList("platform") ?? []
        section.finish()
        if section.keys.isEmpty {
            section.complain("holds no condition", wayOut: "write one of country, type, client, tag, platform")
        }
    }
}
