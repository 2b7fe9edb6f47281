extension Sandbox {
    /// A `waypost.yaml` that sends all email through the stand-ins. `authorityFile` is where `writeAuthority(to:)` wrote.
    package func configuration(authorityFile: String?) -> String {
        """
        providers:
          sendgrid:
            kind: sendgrid
            base_url: \(Self.quoted(sendGridURL))
            api_key: \(Self.quoted(settings.sendGridKey))
            from: {email: news@example.com, name: Sandbox}
          ses:
            kind: ses
            base_url: \(Self.quoted(sesURL))
            region: \(Self.quoted(settings.aws.region))
            access_key_id: \(Self.quoted(settings.aws.accessKeyID))
            secret_access_key: \(Self.quoted(settings.aws.secretAccessKey))
        \(settings.aws.sessionToken.map { "    session_token: \(Self.quoted($0))\n" } ?? "")\
            configuration_set: waypost
            from: {email: news@example.com, name: Sandbox}
          relay:
            kind: smtp
            url: \(Self.quoted(smtpURL))
        \(authorityFile.map { "    ca_file: \(Self.quoted($0))\n" } ?? "")\
            from: {email: news@example.com, name: Sandbox}
        routes:
          email: {providers: [sendgrid, ses, relay], strategy: priority}

        """
    }

    /// A YAML scalar in double quotes; `$` doubled, because waypost.yaml expands `${NAME}`.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for character in text {
            switch character {
            case "\"", "\\": quoted += "\\\(character)"
            case "$": quoted += "$$"
            default: quoted.append(character)
            }
        }
        return quoted + "\""
    }
}
