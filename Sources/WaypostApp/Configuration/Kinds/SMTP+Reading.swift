import WaypostConfiguration
import WaypostHTTP
import WaypostProviders

extension SMTP.Settings {
    /// Whether `smtp://` may go on without STARTTLS.
    private enum TLS: String, CaseIterable { case required, none }

    /// The keys of an entry of kind `smtp`. `user` and `password` stand in the URL, or beside it where they hold characters
    /// that a URL would need escaped.
    init?(reading section: inout SectionReader) {
        let tls = section.enumeration("tls", default: TLS.required)
        let url = Self.url(in: &section)
        let user = section.string("user")
        let password = section.secret("password")
        let from = section.requiredMailbox("from")
        if let url {
            if url.scheme == "smtps", tls == .none {
                section.complain("tls", "none contradicts smtps://", wayOut: "write smtp://, or remove tls")
            }
            if url.user != nil, user != nil || password != nil {
                section.complain("url", "names a user, and so does the entry", wayOut: "keep one of the two")
            }
            if (url.user ?? user) == nil, (url.password ?? password?.value) != nil {
                section.complain("password", "has no user", wayOut: "add user")
            }
            if (url.user ?? user) != nil, (url.password ?? password?.value) == nil {
                section.complain("url", "names a user without a password", wayOut: "add password")
            }
        }
        guard let url, let from else { return nil }
        let isImplicit = url.scheme == "smtps"
        self.init(
            host: url.host, port: url.port ?? (isImplicit ? 465 : 587),
            security: isImplicit ? .implicitTLS : tls == .none ? .plain : .startTLS, user: url.user ?? user,
            password: url.password.map(Secret.init) ?? password, from: from)
    }

    /// Never quoted in a complaint: it may hold the password.
    private static func url(in section: inout SectionReader) -> ServiceURL? {
        guard let text = section.requiredString("url") else { return nil }
        guard let url = ServiceURL(text), ["smtp", "smtps"].contains(url.scheme) else {
            section.complain(
                "url", "is not the URL of a submission server",
                wayOut: "write smtps://user:password@host:465 or smtp://host:587, other characters than ASCII as %XX")
            return nil
        }
        return url
    }
}
