import WaypostCore
import WaypostSandbox

/// The router's configuration in a demo: primary and backup of every channel.
enum DemoConfiguration {
    /// `port` is the router's; `files` is where each sandbox's authority was written, its keys for push beside it.
    static func text(_ sandboxes: [Channel: Sandbox], port: Int, files: (Channel) -> String) -> String {
        var providers: [String] = []
        var routes: [String] = []
        for cast in DemoCast.all {
            guard let sandbox = sandboxes[cast.channel] else { continue }
            for standIn in cast.standIns {
                let entry = provider(standIn, cast, sandbox, files(cast.channel))
                providers.append("  \(cast.instance(standIn)):\n\(breaker)\n\(entry)")
            }
            let names = cast.standIns.map { cast.instance($0).text }.joined(separator: ", ")
            routes.append("  \(cast.channel.rawValue): {providers: [\(names)], strategy: priority}")
        }
        return """
            server: {listen: "127.0.0.1:\(port)"}
            store: {path: waypost.db}
            providers:
            \(providers.joined(separator: "\n"))
            routes:
            \(routes.joined(separator: "\n"))
            """
    }

    /// They come back within seconds, since nobody watches for minutes.
    private static let breaker =
        "    breaker: {failures: 5, window: 10s, recovery: 1s, recovery_backoff: 1.5, recovery_max: 2s}"

    private static func provider(
        _ standIn: StandIn, _ cast: DemoCast, _ sandbox: Sandbox, _ authorityFile: String
    ) -> String {
        let settings = sandbox.settings
        let pushFiles = PushFiles(beside: authorityFile)
        return switch standIn {
        case .sendgrid:
            """
                kind: sendgrid
                base_url: "\(sandbox.sendGridURL)"
                api_key: "\(settings.sendGridKey)"
                webhook_public_key: "\(sandbox.webhookPublicKey)"
                from: {email: news@example.com, name: Demo}
            """
        case .ses:
            """
                kind: ses
                base_url: "\(sandbox.sesURL)"
                region: \(settings.aws.region)
                access_key_id: "\(settings.aws.accessKeyID)"
                secret_access_key: "\(settings.aws.secretAccessKey)"
                sns_topic_arns: ["\(settings.callbacks.topicARN)"]
                sns_endpoint: "\(sandbox.snsURL)"
                ca_file: "\(authorityFile)"
                from: {email: news@example.com, name: Demo}
            """
        case .smtp:
            """
                kind: smtp
                url: "\(sandbox.smtpURL)"
                ca_file: "\(authorityFile)"
                from: {email: news@example.com, name: Demo}
            """
        case .twilio:
            """
                kind: twilio
                base_url: "\(sandbox.twilioURL)"
                account_sid: "\(settings.twilio.accountSID)"
                auth_token: "\(settings.twilio.authToken)"
                from: "+15550100001"
                whatsapp_from: "+15550100002"
                voice_from: "+15550100003"
            """
        case .messagebird:
            """
                kind: messagebird
                base_url: "\(sandbox.messageBirdURL)"
                access_key: "\(settings.messageBirdKey)"
                signing_key: "\(settings.callbacks.messageBirdSigningKey)"
                originator: "+15550100004"
                whatsapp_channel_id: "5a4d0000000000000000000000000001"
            """
        case .fcm:
            """
                kind: fcm
                base_url: "\(sandbox.fcmURL)"
                service_account: "file:\(pushFiles.serviceAccount)"
                ca_file: "\(authorityFile)"
            """
        case .apns:
            """
                kind: apns
                base_url: "\(sandbox.apnsURL)"
                team_id: "\(settings.apns.teamID)"
                key_id: "\(settings.apns.keyID)"
                private_key: "file:\(pushFiles.apnsKey)"
                topic: "\(settings.apns.topic)"
                ca_file: "\(authorityFile)"
            """
        }
    }
}
