/// Finds what belongs to a method and a path.
///
/// A pattern's segments are literal or, as `{name}`, take any one segment that is not empty. Where both fit the literal one
/// wins, segment by segment. Paths are compared byte by byte, escapes decoded; a slash at the end makes another path.
package struct Router<Route: Sendable>: Sendable {
    package enum Match: Sendable {
        /// - `pattern`: as it was added, fit to be a metric's label.
        /// - `parameters`: percent-decoded; an encoded slash stays within its parameter.
        case found(Route, pattern: String, parameters: [String: String])
        /// The path is known, the method is not: the methods that are, sorted, for the Allow header.
        case methodNotAllowed(allow: [String])
        case notFound
    }

    private struct Endpoint: Sendable {
        let method: String
        let pattern: String
        let names: [String]
        let route: Route
    }
    private struct Node: Sendable {
        var literals: [(text: String, node: Int)] = []
        var parameter: Int?
        var endpoints: [Endpoint] = []
    }
    /// A tree by segments; the first is the root.
    private var nodes = [Node()]

    package init() {}

    /// - Parameters:
    ///   - method: as in requests, upper case. `GET` serves `HEAD` too, unless that is added by itself.
    ///   - pattern: `/v1/messages/{id}`. Adding the same method and path again replaces the route.
    package mutating func add(_ method: String, _ pattern: String, _ route: Route) {
        var node = 0
        var names: [String] = []
        for segment in Self.segments(pattern[...]) {
            if segment.hasPrefix("{"), segment.hasSuffix("}") {
                names.append(String(segment.dropFirst().dropLast()))
                node = nodes[node].parameter ?? grow(from: node) { $0.parameter = $1 }
            } else if let next = nodes[node].literals.first(where: { $0.text == segment }) {
                node = next.node
            } else {
                node = grow(from: node) { $0.literals.append((String(segment), $1)) }
            }
        }
        nodes[node].endpoints.removeAll { $0.method == method }
        nodes[node].endpoints.append(Endpoint(method: method, pattern: pattern, names: names, route: route))
    }

    /// - Parameter path: raw, as it stands in the request target before the `?`.
    package func match(method: String, path: Substring) -> Match {
        guard path.utf8.first == UInt8(ascii: "/") else { return .notFound }
        let segments = Self.segments(path)
        var values: [Substring] = []
        guard let node = find(segments[...], under: 0, &values) else { return .notFound }
        let endpoints = nodes[node].endpoints
        let endpoint =
            endpoints.first { $0.method == method }
            ?? (method == "HEAD" ? endpoints.first { $0.method == "GET" } : nil)
        guard let endpoint else { return .methodNotAllowed(allow: Self.allowed(endpoints.map(\.method))) }
        var parameters: [String: String] = [:]
        for (name, value) in zip(endpoint.names, values) {
            guard let text = PercentEncoding.decode(value) else { return .notFound }
            parameters[name] = text
        }
        return .found(endpoint.route, pattern: endpoint.pattern, parameters: parameters)
    }

    private mutating func grow(from node: Int, _ link: (inout Node, Int) -> Void) -> Int {
        nodes.append(Node())
        link(&nodes[node], nodes.count - 1)
        return nodes.count - 1
    }

    private func find(_ segments: ArraySlice<Substring>, under node: Int, _ values: inout [Substring]) -> Int? {
        guard let segment = segments.first else { return nodes[node].endpoints.isEmpty ? nil : node }
        let rest = segments.dropFirst()
        if let next = literal(segment, under: node), let found = find(rest, under: next, &values) { return found }
        guard let next = nodes[node].parameter, !segment.isEmpty else { return nil }
        values.append(segment)
        if let found = find(rest, under: next, &values) { return found }
        values.removeLast()
        return nil
    }

    private func literal(_ segment: Substring, under node: Int) -> Int? {
        guard segment.utf8.contains(UInt8(ascii: "%")) else {
            return nodes[node].literals.first { $0.text.utf8.elementsEqual(segment.utf8) }?.node
        }
        guard let decoded = PercentEncoding.decode(segment) else { return nil }
        return nodes[node].literals.first { $0.text.utf8.elementsEqual(decoded.utf8) }?.node
    }

    private static func segments(_ path: Substring) -> [Substring] {
        path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
            Substring($0)
        }
    }

    private static func allowed(_ methods: [String]) -> [String] {
        (methods.contains("GET") ? Set(methods).union(["HEAD"]) : Set(methods)).sorted()
    }
}

extension Router.Match: Equatable where Route: Equatable {}
