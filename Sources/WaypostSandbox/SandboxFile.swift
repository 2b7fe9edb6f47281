import WaypostConfiguration

extension Sandbox.Settings {
    /// Reads `sandbox.yaml`, where every key may be left out; tells every problem at once.
    package static func load(
        path: String, environment: [String: String]
    ) throws(ConfigurationProblems) -> Sandbox.Settings {
        try Sandbox.Settings(file: ConfigurationFile.load(path: path, environment: environment))
    }

    package init(file: ConfigurationFile) throws(ConfigurationProblems) {
        self = try file.read { root in Sandbox.Settings(reading: &root) }
    }

    private init(reading root: inout SectionReader) {
        host = root.string("host") ?? host
        let base = root.integer("port_base", in: 1...65_526)
        if let base { ports = Ports(base: base) }
        if var section = root.section("ports") {
            if base != nil { root.complain("ports", "stands beside port_base", wayOut: "write one of them") }
            ports.read(&section)
        }
        if var section = root.section("sendgrid") {
            sendGridKey = section.secret("api_key")?.value ?? sendGridKey
            section.finish()
        }
        if var section = root.section("ses") { aws.read(&section) }
        if var section = root.section("smtp") { smtp.read(&section) }
        if var section = root.section("twilio") { twilio.read(&section) }
        if var section = root.section("messagebird") {
            messageBirdKey = section.secret("access_key")?.value ?? messageBirdKey
            section.finish()
        }
        if var section = root.section("fcm") { fcm.read(&section) }
        if var section = root.section("apns") { apns.read(&section) }
        if var section = root.section("callbacks") { callbacks.read(&section) }
        if var section = root.section("tls") {
            let certificate = section.readableFile("certificate")
            let key = section.readableFile("private_key")
            if let certificate, let key { tls = TLS(certificate: certificate, privateKey: key) }
            if section.has("certificate") != section.has("private_key") {
                section.complain("names one file of two", wayOut: "write certificate and private_key, or neither")
            }
            section.finish()
        }
        if var section = root.section("journal") {
            journalEntries = section.integer("entries", default: journalEntries, in: 1...1_000_000)
            section.finish()
        }
        root.finish()
    }
}

extension Sandbox.Settings.Ports {
    fileprivate mutating func read(_ section: inout SectionReader) {
        let range = 0...65_535
        control = section.integer("control", default: 0, in: range)
        sendGrid = section.integer("sendgrid", default: 0, in: range)
        ses = section.integer("ses", default: 0, in: range)
        smtp = section.integer("smtp", default: 0, in: range)
        smtps = section.integer("smtps", default: 0, in: range)
        twilio = section.integer("twilio", default: 0, in: range)
        messageBird = section.integer("messagebird", default: 0, in: range)
        fcm = section.integer("fcm", default: 0, in: range)
        apns = section.integer("apns", default: 0, in: range)
        sns = section.integer("sns", default: 0, in: range)
        section.finish()
    }
}

extension Sandbox.Settings.AWS {
    fileprivate mutating func read(_ section: inout SectionReader) {
        accessKeyID = section.string("access_key_id") ?? accessKeyID
        secretAccessKey = section.secret("secret_access_key")?.value ?? secretAccessKey
        sessionToken = section.secret("session_token")?.value
        region = section.string("region") ?? region
        section.finish()
    }
}

extension Sandbox.Settings.Twilio {
    fileprivate mutating func read(_ section: inout SectionReader) {
        accountSID = section.string("account_sid") ?? accountSID
        authToken = section.secret("auth_token")?.value ?? authToken
        apiKeySID = section.string("api_key_sid") ?? apiKeySID
        apiKeySecret = section.secret("api_key_secret")?.value ?? apiKeySecret
        section.finish()
    }
}

extension Sandbox.Settings.SMTP {
    fileprivate mutating func read(_ section: inout SectionReader) {
        user = section.string("user") ?? user
        password = section.secret("password")?.value ?? password
        requiresAuthentication = section.boolean("require_auth", default: requiresAuthentication)
        offersStartTLS = section.boolean("starttls", default: offersStartTLS)
        maximumSize = section.byteSize("max_size", default: maximumSize, in: 1_024...104_857_600)
        section.finish()
    }
}

extension Sandbox.Settings.FCM {
    fileprivate mutating func read(_ section: inout SectionReader) {
        project = section.string("project") ?? project
        maximumStreams = section.integer("max_streams", default: maximumStreams, in: 1...100_000)
        tokenLifetime = section.integer("token_lifetime_s", default: tokenLifetime, in: 1...3_600)
        section.finish()
    }
}

extension Sandbox.Settings.APNs {
    fileprivate mutating func read(_ section: inout SectionReader) {
        teamID = section.string("team_id") ?? teamID
        keyID = section.string("key_id") ?? keyID
        topic = section.string("topic") ?? topic
        maximumStreams = section.integer("max_streams", default: maximumStreams, in: 1...100_000)
        slowsAfterRefusal = section.boolean("slow_after_refusal", default: slowsAfterRefusal)
        section.finish()
    }
}
