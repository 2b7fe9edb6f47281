extension Sandbox {
    /// A `waypost.yaml` that sends everything through the stand-ins, push where its files are given. `authorityFile` is
    /// where `writeAuthority(to:)` wrote, `pushFiles` where `writePushKeys(to:)` did.
    package func configuration(authorityFile: String?, pushFiles: PushFiles? = nil) -> String {
        """
        providers:
          sendgrid:
            kind: sendgrid
            base_url: \(Self.quoted(sendGridURL))
            api_key: \(Self.quoted(settings.sendGridKey))
            webhook_public_key: \(Self.quoted(webhookPublicKey))
            from: {email: news@example.com, name: Sandbox}
          ses:
            kind: ses
            base_url: \(Self.quoted(sesURL))
            region: \(Self.quoted(settings.aws.region))
            access_key_id: \(Self.quoted(settings.aws.accessKeyID))
            secret_access_key: \(Self.quoted(settings.aws.secretAccessKey))
        \(settings.aws.sessionToken.map { "    session_token: \(Self.quoted($0))\n" } ?? "")\
            configuration_set: waypost
            sns_topic_arns: [\(Self.quoted(settings.callbacks.topicARN))]
            sns_endpoint: \(Self.quoted(snsURL))
        \(authorityFile.map { "    ca_file: \(Self.quoted($0))\n" } ?? "")\
            from: {email: news@example.com, name: Sandbox}
          relay:
            kind: smtp
            url: \(Self.quoted(smtpURL))
        \(authorityFile.map { "    ca_file: \(Self.quoted($0))\n" } ?? "")\
            from: {email: news@example.com, name: Sandbox}
          twilio:
            kind: twilio
            base_url: \(Self.quoted(twilioURL))
            account_sid: \(Self.quoted(settings.twilio.accountSID))
            auth_token: \(Self.quoted(settings.twilio.authToken))
            from: "+15550100001"
            whatsapp_from: "+15550100002"
            voice_from: "+15550100003"
          messagebird:
            kind: messagebird
            base_url: \(Self.quoted(messageBirdURL))
            access_key: \(Self.quoted(settings.messageBirdKey))
            signing_key: \(Self.quoted(settings.callbacks.messageBirdSigningKey))
            originator: "+15550100004"
            whatsapp_channel_id: "5a4d0000000000000000000000000001"
        \(pushFiles.map { pushProviders($0, authorityFile: authorityFile) } ?? "")\
        routes:
          email: {providers: [sendgrid, ses, relay], strategy: priority}
          sms: {providers: [twilio, messagebird], strategy: priority}
          whatsapp: {providers: [twilio, messagebird], strategy: priority}
          voice: {providers: [twilio, messagebird], strategy: priority}
        \(pushFiles == nil ? "" : "  push: {providers: [fcm, apns]}\n")
        """
    }

    private func pushProviders(_ files: PushFiles, authorityFile: String?) -> String {
        let authority = authorityFile.map { "    ca_file: \(Self.quoted($0))\n" } ?? ""
        return """
              fcm:
                kind: fcm
                base_url: \(Self.quoted(fcmURL))
                service_account: \(Self.quoted("file:\(files.serviceAccount)"))
            \(authority)\
              apns:
                kind: apns
                base_url: \(Self.quoted(apnsURL))
                team_id: \(Self.quoted(settings.apns.teamID))
                key_id: \(Self.quoted(settings.apns.keyID))
                private_key: \(Self.quoted("file:\(files.apnsKey)"))
                topic: \(Self.quoted(settings.apns.topic))
            \(authority)
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
