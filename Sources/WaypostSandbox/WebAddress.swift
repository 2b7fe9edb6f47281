extension String {
    /// Whether it is a whole `http` or `https` URL that a provider would call: a host without underscores, a port if
    /// any, printable ASCII throughout, no user and no blank. Loopback passes: the sandbox lives there.
    var looksLikeWebAddress: Bool {
        guard utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "<") }),
            let rest = afterWebScheme
        else { return false }
        let authority = rest.prefix { !"/?#".contains($0) }
        guard !authority.isEmpty, !authority.contains("@"), !authority.contains("_") else { return false }
        if authority.hasPrefix("[") { return authority.contains("]") }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, !parts[0].isEmpty,
            parts[0].split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ !$0.isEmpty })
        else { return false }
        return parts.count == 1 || Int(parts[1]).map { (1...65_535).contains($0) } == true
    }

    /// The fields of the URL's query; none where there is no query or it cannot be read.
    var queryFields: FormFields? {
        guard let mark = firstIndex(of: "?") else { return nil }
        return FormFields(self[index(after: mark)...].prefix { $0 != "#" }.utf8)
    }

    private var afterWebScheme: Substring? {
        for scheme in ["https://", "http://"] where lowercased().hasPrefix(scheme) { return dropFirst(scheme.count) }
        return nil
    }
}

extension Take {
    /// Finds the ids that a callback URL carries in its query: `n` the message, `a` the attempt.
    mutating func read(callback: String?) {
        guard let fields = callback?.queryFields else { return }
        message = message ?? fields["n"]
        attempt = attempt ?? fields["a"]
    }
}
