import WaypostSandbox

extension Sandbox {
    /// What the entry of each provider says so that it reaches its stand-in here. `authority` is where the sandbox's CA
    /// certificate lies, with the keys for push beside it.
    func entries(authority: String) -> [(name: String, keys: [String: String])] {
        mail(authority) + phone + push(authority)
    }

    private func mail(_ authority: String) -> [(name: String, keys: [String: String])] {
        let from = "{email: news@example.com, name: Example}"
        let aws = settings.aws
        return [
            (
                "sendgrid",
                [
                    "kind": "sendgrid", "base_url": sendGridURL, "api_key": settings.sendGridKey, "from": from,
                    "webhook_public_key": webhookPublicKey,
                ]
            ),
            (
                "ses",
                [
                    "kind": "ses", "base_url": sesURL, "region": aws.region, "access_key_id": aws.accessKeyID,
                    "secret_access_key": aws.secretAccessKey, "from": from, "configuration_set": "waypost",
                    "sns_topic_arns": "[\"\(settings.callbacks.topicARN)\"]", "sns_endpoint": snsURL,
                    "ca_file": authority,
                ]
            ),
            ("relay", ["kind": "smtp", "url": smtpURL, "ca_file": authority, "from": from]),
        ]
    }

    private var phone: [(name: String, keys: [String: String])] {
        [
            (
                "twilio",
                [
                    "kind": "twilio", "base_url": twilioURL, "account_sid": settings.twilio.accountSID,
                    "auth_token": settings.twilio.authToken, "from": #""+15550100001""#,
                    "whatsapp_from": #""+15550100002""#, "voice_from": #""+15550100003""#,
                ]
            ),
            (
                "messagebird",
                [
                    "kind": "messagebird", "base_url": messageBirdURL, "access_key": settings.messageBirdKey,
                    "originator": #""+15550100004""#, "whatsapp_channel_id": #""5a4d0000000000000000000000000001""#,
                    "signing_key": settings.callbacks.messageBirdSigningKey,
                ]
            ),
        ]
    }

    private func push(_ authority: String) -> [(name: String, keys: [String: String])] {
        let files = PushFiles(beside: authority)
        return [
            (
                "fcm",
                [
                    "kind": "fcm", "base_url": fcmURL, "service_account": "file:\(files.serviceAccount)",
                    "ca_file": authority,
                ]
            ),
            (
                "apns",
                [
                    "kind": "apns", "base_url": apnsURL, "team_id": settings.apns.teamID,
                    "key_id": settings.apns.keyID, "private_key": "file:\(files.apnsKey)",
                    "topic": settings.apns.topic, "ca_file": authority,
                ]
            ),
        ]
    }
}
