/// What the world can read about who may send mail for a domain.
package struct SenderDomain: Equatable, Sendable {
    /// One of the three records that receivers look for.
    package enum Record: Equatable, Sendable {
        case present(String)
        case missing
        /// Why it could not be told.
        case unknown(String)
    }

    package var name: String
    /// Instances that send from it.
    package var providers: [String]
    /// RFC 7208: `v=spf1` at the domain.
    package var spf: Record
    /// RFC 6376: a key at `selector._domainkey`. Which selectors there are cannot be asked; whether there are any can (RFC 8020).
    package var dkim: Record
    /// RFC 7489: `v=DMARC1` at `_dmarc`, here or at a parent.
    package var dmarc: Record

    package init(name: String, providers: [String], spf: Record, dkim: Record, dmarc: Record) {
        self.name = name
        self.providers = providers
        self.spf = spf
        self.dkim = dkim
        self.dmarc = dmarc
    }

    /// Asks for all three. `selectors`: those that the providers are known to use. Where nobody answers the first question,
    /// the others are not waited for.
    package init(asking resolver: some Resolver, about name: String, providers: [String], selectors: [String]) {
        self.name = name
        self.providers = providers
        let texts = resolver.texts(at: name)
        spf = Self.record(texts) { Self.begins($0, with: "v=spf1") }
        if case .unknown(let why) = texts {
            (dkim, dmarc) = (.unknown(why), .unknown(why))
            return
        }
        dkim = Self.dkim(resolver, name, selectors)
        dmarc = Self.dmarc(resolver, name)
    }

    private static func dkim(_ resolver: some Resolver, _ name: String, _ selectors: [String]) -> Record {
        for selector in selectors {
            let answer = record(resolver.texts(at: "\(selector)._domainkey.\(name)")) { text in
                begins(text, with: "v=DKIM1") || text.contains("p=")
            }
            if case .present(let text) = answer { return .present("\(selector): \(text.prefix(40))") }
        }
        switch resolver.texts(at: "_domainkey.\(name)") {
        case .noName: return .missing
        case .found, .noText: return .present("keys under selectors of their own")
        case .unknown(let why): return .unknown(why)
        }
    }

    private static func dmarc(_ resolver: some Resolver, _ name: String) -> Record {
        var labels = name.split(separator: ".")[...]
        while labels.count >= 2 {
            let answer = record(resolver.texts(at: "_dmarc." + labels.joined(separator: "."))) {
                begins($0, with: "v=DMARC1")
            }
            if answer != .missing { return answer }
            labels = labels.dropFirst()
        }
        return .missing
    }

    private static func record(_ answer: TextAnswer, where holds: (String) -> Bool) -> Record {
        if case .unknown(let why) = answer { return .unknown(why) }
        return answer.texts?.first(where: holds).map { .present(String($0.prefix(200))) } ?? .missing
    }

    /// The tag ends there, or a separator follows: `v=spf10` is another version.
    private static func begins(_ text: String, with tag: String) -> Bool {
        guard text.lowercased().hasPrefix(tag.lowercased()) else { return false }
        guard let next = text.dropFirst(tag.count).first else { return true }
        return next == " " || next == ";"
    }
}
