import WaypostHTTP

/// The providers' stand-ins on loopback: SendGrid, SES, an SMTP submission server, Twilio, MessageBird, FCM and APNs, each
/// as strict as the original, with faults on demand and a journal of everything that arrived.
///
/// They speak over plain sockets of their own, one thread a connection, because their faults (RST in the midst of a body,
/// a refused connection, silence) lie below what a server library lets through; libnghttp2 frames HTTP/2 in memory only.
package final class Sandbox: Sendable {
    /// What the stand-ins were sent.
    package let journal: Journal
    /// PEM of the authority behind the certificate that was made at start, for `ca_file`; nil with files given.
    package let authority: String?
    /// The service account that FCM's stand-in knows, as Google's JSON, with the stand-in's own `token_uri`.
    package let serviceAccount: String
    /// The key that APNs' stand-in knows, PKCS#8 in PEM, as Apple's `.p8`.
    package let apnsKey: String
    package let settings: Settings
    /// The ports in use, none of them 0.
    package let ports: Settings.Ports

    private let accessTokens: AccessTokens
    let callbacks: CallbackDesk
    private let faults: FaultBoard
    private let listeners: [Listener]

    package var controlURL: String { url("http", ports.control) }
    package var sendGridURL: String { url("http", ports.sendGrid) }
    package var sesURL: String { url("http", ports.ses) }
    package var fcmURL: String { url("https", ports.fcm) }
    package var apnsURL: String { url("https", ports.apns) }
    /// With user and password; STARTTLS is on offer, clear text is taken as well.
    package var smtpURL: String { url("smtp", ports.smtp, user: settings.smtp) }
    /// With user and password; TLS from the first byte.
    package var smtpsURL: String { url("smtps", ports.smtps, user: settings.smtp) }
    package var twilioURL: String { url("http", ports.twilio) }
    package var messageBirdURL: String { url("http", ports.messageBird) }
    /// Where SNS's certificate lies and subscriptions are confirmed.
    package var snsURL: String { url("https", ports.sns) }

    /// Opens all ports. Throws a `ListenFailure` or a `TLSFailure`; nothing is left open then.
    package static func start(_ settings: Settings = .init()) throws -> Sandbox {
        let identity =
            if let tls = settings.tls {
                TLSIdentity.files(certificate: tls.certificate, key: tls.privateKey)
            } else {
                try TLSIdentity.make()
            }
        return try Sandbox(settings, identity)
    }

    private init(_ settings: Settings, _ identity: TLSIdentity) throws {
        let journal = Journal(capacity: settings.journalEntries)
        let faults = FaultBoard()
        let numbers = Numbers()
        let callbacks = try CallbackDesk(settings)
        let mail = SMTPStandIn(settings.smtp, try TLSContext(identity), faults, journal)
        let fcm = try FCMStandIn(settings.fcm)
        let apnsKey = try PrivateKey(.p256)
        let apns = APNsStandIn(settings.apns, key: apnsKey)
        let tls = (
            http2: try TLSContext(identity, protocols: [.http2]),
            both: try TLSContext(identity, protocols: [.http2, .http1]),
            http1: try TLSContext(identity, protocols: [.http1])
        )
        if case .made(_, _, let authority) = identity { self.authority = authority } else { authority = nil }
        var opened: [Listener] = []
        func listen(_ port: Int, _ serve: @escaping @Sendable (Socket) -> Void) throws -> Listener {
            let listener = try Listener(host: settings.host, port: port, numbers: numbers, serve: serve)
            opened.append(listener)
            return listener
        }
        func serve(_ standIn: any HTTPStandIn) -> @Sendable (Socket) -> Void {
            let service = ProviderService(
                standIn: standIn, faults: faults, journal: journal, callbacks: callbacks)
            return { socket in
                var connection = HTTPConnection(socket, service)
                connection.serve()
            }
        }
        func serveHTTP2(_ standIn: any HTTP2StandIn, _ tls: TLSContext) -> @Sendable (Socket) -> Void {
            let service = ProviderService(standIn: standIn, faults: faults, journal: journal)
            return HTTP2Door(standIn: standIn, tls: tls, service: service).serve
        }
        var ports = settings.ports
        var control = ControlAPI(faults: faults, journal: journal, callbacks: callbacks, authority: authority)
        do {
            let sendGrid = try listen(ports.sendGrid, serve(SendGridStandIn(key: settings.sendGridKey)))
            let ses = try listen(ports.ses, serve(SESStandIn(settings.aws)))
            let smtp = try listen(ports.smtp) { mail.serve($0, secure: false) }
            let smtps = try listen(ports.smtps) { mail.serve($0, secure: true) }
            let twilio = try listen(ports.twilio, serve(TwilioStandIn(settings.twilio)))
            let messageBird = try listen(ports.messageBird, serve(MessageBirdStandIn(key: settings.messageBirdKey)))
            let fcmListener = try listen(ports.fcm, serveHTTP2(fcm, tls.both))
            let apnsListener = try listen(ports.apns, serveHTTP2(apns, tls.http2))
            ports.sendGrid = sendGrid.port
            ports.ses = ses.port
            ports.smtp = smtp.port
            ports.smtps = smtps.port
            ports.twilio = twilio.port
            ports.messageBird = messageBird.port
            faults.attach([sendGrid], to: .sendgrid)
            faults.attach([ses], to: .ses)
            faults.attach([smtp, smtps], to: .smtp)
            faults.attach([twilio], to: .twilio)
            faults.attach([messageBird], to: .messagebird)
            let topic = callbacks.topic
            let sns = try listen(ports.sns) { socket in
                guard let channel = TLSChannel(socket, tls.http1) else { return }
                defer { channel.release() }
                var connection = HTTPConnection(socket, topic, over: channel)
                connection.serve()
            }
            ports.sns = sns.port
            topic.endpoint = Self.url("https", host: settings.host, sns.port)
            ports.fcm = fcmListener.port
            ports.apns = apnsListener.port
            faults.attach([fcmListener], to: .fcm)
            faults.attach([apnsListener], to: .apns)
            serviceAccount = try fcm.account.json(
                tokenURL: Self.url("https", host: settings.host, fcmListener.port) + "/token")
            self.apnsKey = try apnsKey.pem()
            control.push = .init(serviceAccount: serviceAccount, apnsKey: self.apnsKey, accessTokens: fcm.accessTokens)
            let control = control
            // Last: whoever reaches the control API finds everything in place.
            ports.control = try listen(ports.control) { socket in
                var connection = HTTPConnection(socket, control)
                connection.serve()
            }.port
        } catch {
            for listener in opened { _ = listener.stop() }
            throw error
        }
        self.settings = settings
        self.ports = ports
        self.journal = journal
        self.faults = faults
        accessTokens = fcm.accessTokens
        self.callbacks = callbacks
        listeners = opened
        callbacks.start()
    }

    /// Sets a fault; it is in force when this returns. Returns its number, for `clearFaults(id:)`.
    @discardableResult
    package func setFault(_ fault: Fault) throws(FaultProblem) -> Int { try faults.set(fault) }

    /// Lifts all faults, those of one provider, or one; returns how many there were.
    @discardableResult
    package func clearFaults(_ provider: StandIn? = nil, id: Int? = nil) -> Int {
        faults.clear(provider: provider, id: id)
    }

    /// Makes all access tokens that FCM's stand-in issued worthless; returns how many there were.
    @discardableResult
    package func revokeAccessTokens() -> Int { accessTokens.revoke() }

    /// Closes every port, resets every connection and waits (at most seconds) for the threads; blocks meanwhile. False
    /// when one of them would not end.
    @discardableResult
    package func stop() -> Bool {
        _ = faults.clear()
        let isQuiet = callbacks.stop()
        return listeners.reduce(isQuiet) { $1.stop() && $0 }
    }

    private func url(_ scheme: String, _ port: Int, user: Settings.SMTP? = nil) -> String {
        let user = user.map { "\(PercentEncoding.encode($0.user)):\(PercentEncoding.encode($0.password))@" } ?? ""
        return Self.url(scheme, host: settings.host, port, user: user)
    }

    private static func url(_ scheme: String, host: String, _ port: Int, user: String = "") -> String {
        "\(scheme)://\(user)\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}
