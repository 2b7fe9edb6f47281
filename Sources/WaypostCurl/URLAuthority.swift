/// `host:port` of a URL, for texts; credentials before an `@` stay out.
struct URLAuthority {
    let text: String

    init(_ url: String) {
        guard let mark = url.firstRange(of: "://") else {
            text = "the host"
            return
        }
        let rest = url[mark.upperBound...].prefix { !"/?#".contains($0) }
        let host = rest.split(separator: "@", omittingEmptySubsequences: false).last ?? rest
        let hasPort = host.last { $0 == ":" || $0 == "]" } == ":"
        text = hasPort ? String(host) : "\(host):\(url.hasPrefix("https") ? 443 : 80)"
    }
}
