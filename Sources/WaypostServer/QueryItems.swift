/// The parameters of a query string, in the order given; a name may come more than once.
package struct QueryItems: Equatable, Sendable {
    package struct Item: Equatable, Sendable {
        package let name: String
        /// Empty where there is no `=`.
        package let value: String
    }

    package let items: [Item]

    /// Reads a raw query (`limit=1&to=a%40b.example`), without its question mark; `+` stands for a blank.
    /// - Returns: nil when a name or value does not decode (`PercentEncoding.decode`).
    package init?(_ raw: some StringProtocol) {
        var items: [Item] = []
        for piece in raw.split(separator: "&") {
            let name = piece.prefix { $0 != "=" }
            let value = piece[name.endIndex...].dropFirst()
            guard let name = PercentEncoding.decode(name, plusIsBlank: true),
                let value = PercentEncoding.decode(value, plusIsBlank: true)
            else { return nil }
            items.append(Item(name: name, value: value))
        }
        self.items = items
    }

    /// The first value under that name.
    package subscript(name: String) -> String? { items.first { $0.name == name }?.value }
}
