import Testing
import WaypostApp
import WaypostConfiguration
import WaypostCore
import WaypostCrypto
import WaypostHTTP
import WaypostPolicy
import WaypostProviders

@Suite struct ConfigurationProvidersTests {
    private func entry(_ yaml: String, environment: [String: String] = [:]) throws -> ProviderEntry {
        try #require(try configuration("providers: {one: {\(yaml)}}", environment: environment).providers.first)
    }

    // MARK: Kinds

    /// The one of SendGrid's own tests.
    private static let webhookKey =
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8e"
        + "NEc6wEA3F+g=="

    @Test func `an entry of sendgrid`() throws {
        let entry = try entry(
            """
            kind: sendgrid, api_key: "${KEY}", from: {email: news@example.com, name: Example},
            base_url: "http://127.0.0.1:4010/", webhook_public_key: "\(Self.webhookKey)",
            previous_webhook_public_key: "\(Self.webhookKey)"
            """, environment: ["KEY": "SG.x"])
        guard case .sendgrid(let settings) = entry.maker else { Issue.record("another kind"); return }
        #expect(settings.apiKey == Secret("SG.x"))
        #expect(settings.from == Mailbox(email: "news@example.com", name: "Example"))
        #expect(settings.baseURL == "http://127.0.0.1:4010")
        #expect(settings.webhookPublicKey == Self.webhookKey)
        #expect(settings.previousWebhookPublicKey == Self.webhookKey)
        #expect(entry.callbacks.tolerance == .seconds(86_400))
        #expect(entry.settings.kind == .sendgrid)
    }

    @Test func `an entry of ses`() throws {
        let entry = try entry(
            """
            kind: ses, region: eu-west-1, access_key_id: AKIA1, secret_access_key: s, session_token: "${TOKEN:-}",
            from: news@example.com, configuration_set: waypost,
            sns_topic_arns: ["arn:aws:sns:eu-west-1:123456789012:waypost"]
            """)
        guard case .ses(let settings) = entry.maker else { Issue.record("another kind"); return }
        #expect(
            settings
                == SES.Settings(
                    region: "eu-west-1", accessKeyID: "AKIA1", secretAccessKey: Secret("s"), sessionToken: nil,
                    from: Mailbox(email: "news@example.com"), configurationSet: "waypost",
                    snsTopicARNs: ["arn:aws:sns:eu-west-1:123456789012:waypost"]))
        #expect(entry.callbacks.tolerance == .seconds(600))
    }

    @Test(arguments: ["https://10.0.0.1:8443", "http://127.0.0.1:4020/", "http://localhost:4020", "https://[::1]"])
    func `an entry of ses may name an endpoint of SNS`(endpoint: String) throws {
        let entry = try entry(
            """
            kind: ses, region: eu-west-1, access_key_id: AKIA1, secret_access_key: s, from: news@example.com,
            sns_endpoint: "\(endpoint)", sns_refuse_version_1: true
            """)
        guard case .ses(let settings) = entry.maker else { Issue.record("another kind"); return }
        #expect(settings.snsEndpoint.map { $0 + "/" } == (endpoint.hasSuffix("/") ? endpoint : endpoint + "/"))
        #expect(settings.refusesSNSVersion1)
    }

    @Test func `an entry of fcm`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("firebase.json", PushKeys.serviceAccount())
        let plain = try entry("kind: fcm, service_account: file:\(path)")
        guard case .fcm(var settings) = plain.maker else { Issue.record("another kind"); return }
        #expect(
            settings
                == FCM.Settings(
                    projectID: "example-project", clientEmail: "notify@example-project.iam.gserviceaccount.com",
                    privateKeyID: "0123", key: try SigningKey(pem: PushKeys.google, algorithm: .rs256),
                    tokenURL: "https://oauth2.googleapis.com/token", baseURL: "https://fcm.googleapis.com"))
        #expect(plain.gate.maxInFlight == 500)
        #expect(plain.transfer.sharesConnections && plain.transfer.maxStreams == 1000)
        #expect(plain.settings.kind == .fcm)

        let local = try entry(
            """
            kind: fcm, service_account: file:\(path), token_url: 'http://127.0.0.1:1/token',
            base_url: 'https://127.0.0.1:2/'
            """)
        guard case .fcm(let other) = local.maker else { Issue.record("another kind"); return }
        (settings.tokenURL, settings.baseURL) = ("http://127.0.0.1:1/token", "https://127.0.0.1:2")
        #expect(other == settings)
    }

    @Test func `an entry of apns`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("AuthKey.p8", PushKeys.apple)
        let common =
            "kind: apns, team_id: ABCDE12345, key_id: KEY1234567, private_key: file:\(path), topic: com.example.app"
        let key = try SigningKey(pem: PushKeys.apple, algorithm: .es256)
        for (more, url) in [
            ("", "https://api.push.apple.com"), (", environment: sandbox", "https://api.sandbox.push.apple.com"),
            (", environment: sandbox, base_url: 'https://127.0.0.1:2197/'", "https://127.0.0.1:2197"),
        ] {
            let entry = try entry(common + more)
            guard case .apns(let settings) = entry.maker else { Issue.record("another kind"); return }
            #expect(
                settings
                    == APNs.Settings(
                        teamID: "ABCDE12345", keyID: "KEY1234567", key: key, topic: "com.example.app", baseURL: url))
            #expect(entry.gate.maxInFlight == 500)
            #expect(entry.settings.kind == .apns)
        }
    }

    @Test(arguments: [
        (["project_id": "", "private_key": ""], "lacks project_id, private_key"),
        (["private_key": "hunter2"], "has a private_key that is not a key in PEM without a passphrase"),
        (["private_key": PushKeys.apple], "has a private_key that is not an RSA key of at least 2048 bits"),
        (["project_id": "../x"], "has a project_id that is none"),
    ])
    func `a service account that will not do is named`(changes: [String: String], complaint: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("firebase.json", PushKeys.serviceAccount(changes))
        #expect(
            problems("providers: {one: {kind: fcm, service_account: file:\(path)}}")
                == [
                    "1: providers.one.service_account: \(complaint); download the key again from Google's console"
                ])
    }

    @Test(arguments: ["", "ftp://t.example", "https://me:hunter2@t.example", "nowhere"])
    func `a service account without a token URL needs one beside it`(url: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("firebase.json", PushKeys.serviceAccount(["token_uri": url]))
        #expect(
            problems("providers: {one: {kind: fcm, service_account: file:\(path)}}")
                == [
                    "1: providers.one.token_url: is missing, and the service account has no token_uri; add it"
                ])
        #expect(
            problems(
                "providers: {one: {kind: fcm, service_account: file:\(path), token_url: 'https://t.example'}}") == [])
    }

    @Test func `Google's key is none for Apple`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("AuthKey.p8", PushKeys.google)
        let found = problems(
            """
            providers: {one: {kind: apns, team_id: ABCDE12345, key_id: KEY1234567, private_key: file:\(path), topic: a.b}}
            """)
        #expect(
            found == [
                "1: providers.one.private_key: is not a P-256 key; write file: and the path of the .p8 file from Apple"
            ])
    }

    private typealias Relay = (
        yaml: String, host: String, port: Int, security: MailSubmission.Security, user: String?, password: String?
    )
    private static let relays: [Relay] = [
        ("url: 'smtps://me:p%40ss@mail.example.com'", "mail.example.com", 465, .implicitTLS, "me", "p@ss"),
        ("url: 'smtp://mail.example.com'", "mail.example.com", 587, .startTLS, nil, nil),
        ("url: 'smtp://[::1]:25', tls: none", "::1", 25, .plain, nil, nil),
        ("url: 'smtp://m.example:2525', user: me, password: p@ss", "m.example", 2525, .startTLS, "me", "p@ss"),
    ]

    @Test(arguments: relays.indices)
    func `an entry of smtp`(index: Int) throws {
        let relay = Self.relays[index]
        let entry = try entry("kind: smtp, from: news@example.com, \(relay.yaml)")
        guard case .smtp(let settings) = entry.maker else { Issue.record("another kind"); return }
        #expect(
            settings
                == SMTP.Settings(
                    host: relay.host, port: relay.port, security: relay.security, user: relay.user,
                    password: relay.password.map(Secret.init),
                    from: Mailbox(email: "news@example.com")))
    }

    @Test func `an entry of twilio`() throws {
        let plain = try entry("kind: twilio, account_sid: AC1, auth_token: x, messaging_service_sid: MG1")
        guard case .twilio(let settings) = plain.maker else { Issue.record("another kind"); return }
        #expect(settings == Twilio.Settings(accountSID: "AC1", authToken: Secret("x"), messagingServiceSID: "MG1"))
        #expect(settings.baseURL == "https://api.twilio.com")
        let full = try entry(
            """
            kind: twilio, account_sid: AC1, auth_token: x, api_key_sid: SK1, api_key_secret: y, from: Shop,
            whatsapp_from: "+15550101", voice_from: "+15550102", base_url: "http://127.0.0.1:1"
            """)
        guard case .twilio(let settings) = full.maker else { Issue.record("another kind"); return }
        #expect(
            settings
                == Twilio.Settings(
                    accountSID: "AC1", authToken: Secret("x"), apiKey: .init(sid: "SK1", secret: Secret("y")),
                    from: "Shop", whatsappFrom: "+15550101", voiceFrom: "+15550102", baseURL: "http://127.0.0.1:1"))
        #expect(full.settings.kind == .twilio)
    }

    @Test(arguments: [
        ("", "https://rest.messagebird.com", "https://voice.messagebird.com", "https://conversations.messagebird.com"),
        (", base_url: 'http://a'", "http://a", "http://a", "http://a"),
        (
            ", voice_base_url: 'http://v', conversations_base_url: 'http://c'", "https://rest.messagebird.com",
            "http://v", "http://c"
        ),
    ])
    func `an entry of messagebird`(yaml: String, rest: String, voice: String, conversations: String) throws {
        let entry = try entry(
            "kind: messagebird, access_key: x, signing_key: y, originator: '+15550100', whatsapp_channel_id: ch1\(yaml)"
        )
        guard case .messagebird(let settings) = entry.maker else { Issue.record("another kind"); return }
        #expect(settings.accessKey == Secret("x"))
        #expect(settings.originator.text == "15550100")
        #expect(settings.whatsappChannelID == "ch1")
        #expect(settings.baseURL == rest)
        #expect(settings.voiceBaseURL == voice)
        #expect(settings.conversationsBaseURL == conversations)
        #expect(entry.settings.kind == .messagebird)
        #expect(settings.signingKey == Secret("y"))
        #expect(settings.previousSigningKey == nil)
        #expect(settings.webhookScheme == .classic)
    }

    @Test func `what checks callbacks by telephone's makers`() throws {
        let twilio = try entry(
            """
            kind: twilio, account_sid: AC1, auth_token: x, previous_auth_token: w, from: Shop,
            webhook_shared_keys: {webhooks_sharedkey_1: y, webhooks_sharedkey_2: z}, webhook_tolerance: 5m
            """)
        guard case .twilio(let settings) = twilio.maker else { Issue.record("another kind"); return }
        #expect(settings.previousAuthToken == Secret("w"))
        #expect(
            settings.webhookSharedKeys == ["webhooks_sharedkey_1": Secret("y"), "webhooks_sharedkey_2": Secret("z")])
        let bird = try entry(
            """
            kind: messagebird, access_key: x, signing_key: y, previous_signing_key: z, webhook_scheme: bird,
            originator: Example, webhook_tolerance: 5m
            """)
        guard case .messagebird(let settings) = bird.maker else { Issue.record("another kind"); return }
        #expect(settings.signingKey == Secret("y"))
        #expect(settings.previousSigningKey == Secret("z"))
        #expect(settings.webhookScheme == .bird)
        for entry in [twilio, bird] {
            #expect(entry.callbacks.tolerance == .seconds(300))
            #expect(entry.callbacks.keys == [])
        }
    }

    @Test(arguments: [
        ("{from: a@example.com}", "kind: is missing; write one of sendgrid, ses, smtp, twilio, messagebird, fcm, apns"),
        ("{kind: sendgird}", "kind: \"sendgird\" is not known here; did you mean sendgrid?"),
        ("{kind: sendgrid, from: a@example.com}", "api_key: is missing; add it"),
        ("{kind: sendgrid, api_key: hunter2}", "from: is missing; add it"),
        (
            "{kind: sendgrid, api_key: hunter2, from: nobody}",
            "from: \"nobody\" is not an address: it has no @; write one like news@example.com"
        ),
        (
            "{kind: sendgrid, api_key: hunter2, from: {email: a@b, name: A}}",
            "from.email: \"a@b\" is not an address: its domain needs at least two labels, like example.com; "
                + "write one like news@example.com"
        ),
        (
            "{kind: sendgrid, api_key: hunter2, from: a@example.com, webhook_public_key: abc}",
            "webhook_public_key: is not base64 of a P-256 key in DER; copy the verification key from SendGrid's mail "
                + "settings; it begins with MFkw"
        ),
        (
            "{kind: sendgrid, api_key: hunter2, from: a@example.com, previous_webhook_public_key: MFkwEw==}",
            "previous_webhook_public_key: is not base64 of a P-256 key in DER; copy the verification key from "
                + "SendGrid's mail settings; it begins with MFkw"
        ),
        (
            "{kind: ses, region: eu, access_key_id: a, secret_access_key: hunter2, from: a@example.com, "
                + "sns_endpoint: 'http://sns.example.com'}",
            "sns_endpoint: is not an origin with TLS; write https://host or https://host:port, without a path"
        ),
        (
            "{kind: ses, region: eu, access_key_id: a, secret_access_key: hunter2, from: a@example.com, "
                + "sns_endpoint: 'https://sns.example.com/x'}",
            "sns_endpoint: is not an origin with TLS; write https://host or https://host:port, without a path"
        ),
        (
            "{kind: sendgrid, api_key: hunter2, from: a@example.com, region: eu}",
            "region: is not a setting"
        ),
        (
            "{kind: ses, region: 'eu west', access_key_id: a, secret_access_key: hunter2, from: a@example.com}",
            "region: \"eu west\" is not a region; write one like eu-west-1"
        ),
        (
            "{kind: ses, region: eu, access_key_id: a, secret_access_key: hunter2, from: a@example.com, "
                + "sns_topic_arns: [topic]}",
            "sns_topic_arns[0]: \"topic\" is not an SNS topic; write it like arn:aws:sns:eu-west-1:123456789012:waypost"
        ),
        (
            "{kind: smtp, url: 'https://me:hunter2@host', from: a@example.com}",
            "url: is not the URL of a submission server; write smtps://user:password@host:465 or smtp://host:587, "
                + "other characters than ASCII as %XX"
        ),
        (
            "{kind: smtp, url: 'smtps://host', tls: none, from: a@example.com}",
            "tls: none contradicts smtps://; write smtp://, or remove tls"
        ),
        (
            "{kind: smtp, url: 'smtps://me:hunter2@host', user: me, from: a@example.com}",
            "url: names a user, and so does the entry; keep one of the two"
        ),
        (
            "{kind: smtp, url: 'smtps://host', password: hunter2, from: a@example.com}",
            "password: has no user; add user"
        ),
        (
            "{kind: smtp, url: 'smtps://host', user: me, from: a@example.com}",
            "url: names a user without a password; add password"
        ),
        (
            "{kind: twilio, enabled: false, account_sid: XX1, auth_token: hunter2, from: '+15550100'}",
            "account_sid: does not begin with AC; copy it from the maker's console"
        ),
        (
            "{kind: twilio, enabled: false, account_sid: AC1, auth_token: hunter2}",
            ": has no sender; add messaging_service_sid, from, whatsapp_from or voice_from"
        ),
        (
            "{kind: messagebird, enabled: false, access_key: hunter2, originator: 'Far Too Long A Name'}",
            "originator: \"Far Too Long A Name\" is no sender; "
                + "write a number with its country code, or up to 11 letters and digits"
        ),
        (
            "{kind: fcm, enabled: false, service_account: hunter2}",
            "service_account: is not a service account's JSON; write file: and the path of the file"
        ),
        (
            "{kind: apns, enabled: false, team_id: ABCDE12345, key_id: KEY1234567, private_key: hunter2, topic: a}",
            "private_key: is not a key in PEM without a passphrase; write file: and the path of the .p8 file from Apple"
        ),
    ])
    func `a bad account is named, without its secret`(yaml: String, complaint: String) {
        let found = problems("providers: {one: \(yaml)}")
        #expect(found.count == 1)
        let place = complaint.hasPrefix(":") ? "1: providers.one" : "1: providers.one."
        #expect(found.first?.hasPrefix(place + complaint) == true, "\(found)")
        #expect(!found.joined().contains("hunter2"))
    }

    @Test(arguments: ["Relay", "a_b", "a.b", "ä", String(repeating: "a", count: 41)])
    func `an instance's name is of a-z, 0-9 and -, up to forty`(name: String) {
        let entry = "{kind: smtp, url: 'smtps://host', from: a@example.com}"
        #expect(
            problems("providers: {\"\(name)\": \(entry)}")
                == ["1: providers.\(name): is no name for a provider; use 1 to 40 of a-z, 0-9 and -"])
    }

    // MARK: What every entry takes

    private static let smtp = "kind: smtp, url: 'smtps://host', from: a@example.com"

    @Test func `an entry that says nothing more has the defaults`() throws {
        let entry = try entry(Self.smtp)
        #expect(entry.transfer.connectTimeout == .seconds(3))
        #expect(entry.transfer.timeout == .seconds(10))
        #expect(entry.transfer.caFile == nil)
        #expect(entry.gate.enabled)
        #expect(entry.gate.weight == 1)
        #expect(entry.gate.maxInFlight == 64)
        #expect(entry.gate.rateLimits.isEmpty)
        #expect(entry.gate.price == nil)
        let breaker = try #require(entry.gate.breakers[.email])
        #expect(breaker.failures == 5)
        #expect(breaker.window == .seconds(60))
        #expect(breaker.recovery == .seconds(30))
        #expect(breaker.halfOpenSuccesses == 3)
        #expect(breaker.recoveryBackoff == 2)
        #expect(breaker.recoveryMax == .seconds(300))
        #expect(breaker.halfOpenTimeout == .seconds(60))
        #expect(breaker.failureRate == nil)
        #expect(breaker.slowRate == nil)
        #expect(breaker.slowCall == nil)
        #expect(breaker.minimumCalls == 20)
    }

    @Test func `text messages fail over sooner, unless the entry says otherwise`() throws {
        let twilio = "kind: twilio, enabled: false, account_sid: AC1, auth_token: x, from: '+15550100'"
        let usual = try entry(twilio).gate.breakers
        #expect(usual[.sms]?.failures == 3)
        #expect(usual[.sms]?.recovery == .seconds(15))
        #expect(usual[.voice]?.failures == 5)
        let said = try entry("\(twilio), breaker: {failures: 7}").gate.breakers
        #expect(said[.sms]?.failures == 7)
        #expect(said[.sms]?.recovery == .seconds(15))
    }

    @Test func `an entry says how much may be asked of it`() throws {
        let entry = try entry(
            """
            \(Self.smtp), enabled: false, weight: 3, connect_timeout: 1s, timeout: 2s, max_in_flight: 8,
            breaker: {failures: off, window: 10s, recovery: 1s, half_open_successes: 1, recovery_backoff: 1.5,
                recovery_max: off, half_open_timeout: off, failure_rate: 50, slow_rate: 12.5, slow_call: 2s,
                minimum_calls: 5, consecutive_failures: 4, window_size: 100},
            rate_limits: [{limit: 600, window: 60s}, {limit: 5, window: 1s}],
            price: {per_message: 10, currency: EUR, countries: {"NO": 75000}}, webhook_tolerance: 1m
            """)
        #expect(!entry.gate.enabled)
        #expect(entry.gate.weight == 3)
        #expect(entry.transfer.connectTimeout == .seconds(1))
        #expect(entry.transfer.timeout == .seconds(2))
        #expect(entry.gate.maxInFlight == 8)
        let breaker = try #require(entry.gate.breakers[.email])
        #expect(breaker.failures == nil)
        #expect(breaker.recoveryMax == nil)
        #expect(breaker.halfOpenTimeout == nil)
        #expect(breaker.recoveryBackoff == 1.5)
        #expect(breaker.failureRate == 50)
        #expect(breaker.slowRate == 12.5)
        #expect(breaker.slowCall == .seconds(2))
        #expect(breaker.consecutiveFailures == 4)
        #expect(breaker.windowSize == 100)
        #expect(
            entry.gate.rateLimits
                == [WindowSettings(limit: 600, window: .seconds(60)), WindowSettings(limit: 5, window: .seconds(1))])
        #expect(entry.gate.price == .init(perMessage: 10, currency: "EUR", countries: ["NO": 75_000]))
        #expect(entry.callbacks.tolerance == .seconds(60))
    }

    @Test func `a price without a currency is in dollars`() throws {
        #expect(try entry("\(Self.smtp), price: {per_message: 7900}").gate.price?.currency == "USD")
    }

    @Test(arguments: [
        ("timeout: 1s", "timeout: makes timeout shorter than connect_timeout"),
        ("timeout: 0", "timeout: \"0\" is out of range"), ("max_in_flight: 0", "max_in_flight: \"0\" is out of range"),
        ("weight: -1", "weight: \"-1\" is out of range"), ("enabled: perhaps", "enabled: \"perhaps\" is neither"),
        ("ca_file: /nowhere/ca.pem", "ca_file: /nowhere/ca.pem cannot be read: No such file or directory"),
        ("breaker: {failures: 0}", "breaker.failures: \"0\" is out of range"),
        ("breaker: {recovry: 1s}", "breaker.recovry: is not a setting; did you mean recovery?"),
        ("breaker: {recovery: 10s, recovery_max: 5s}", "breaker.recovery_max: is less than recovery"),
        ("breaker: {slow_rate: 50}", "breaker.slow_rate: has no slow_call to go by; add slow_call, like 2s"),
        ("breaker: {failure_rate: 0}", "breaker.failure_rate: \"0\" is out of range; write a number from 1 to 100"),
        ("rate_limits: [{limit: 5}]", "rate_limits[0].window: is missing"),
        ("rate_limits: {limit: 5, window: 1s}", "rate_limits: is a section; write a list of sections"),
        ("price: {currency: euro}", "price.currency: \"euro\" is not a currency"),
        ("price: {currency: EUR, countries: {nl: 5}}", "price.countries.nl: is not a country"),
        ("price: {per_message: 0.5}", "price.per_message: \"0.5\" is not a whole number"),
        ("base_url: 'https://host'", "base_url: is not a setting"),
        ("webhook_tolerance: 60d", "webhook_tolerance: \"60d\" is out of range; write 1s to 30d"),
    ])
    func `a bad value is named, and once`(yaml: String, beginning: String) {
        let found = problems("providers: {one: {\(Self.smtp), \(yaml)}}")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("1: providers.one.\(beginning)") == true, "\(found)")
    }
}
