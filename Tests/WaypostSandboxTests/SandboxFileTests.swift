import Foundation
import Testing
import WaypostConfiguration

@testable import WaypostSandbox

@Suite struct SandboxFileTests {
    private func read(_ text: String) throws -> Sandbox.Settings {
        try Sandbox.Settings(
            file: ConfigurationFile(bytes: Array(text.utf8), folder: "/", environment: ["KEY": "SG.from.environment"]))
    }

    @Test func `every key is read`() throws {
        let settings = try read(
            """
            host: "::1"
            ports: {control: 1, sendgrid: 2, ses: 3, smtp: 4, smtps: 5, twilio: 6, messagebird: 7, fcm: 8, apns: 9, sns: 10}
            sendgrid: {api_key: "${KEY}"}
            ses: {access_key_id: AKIA, secret_access_key: s, session_token: t, region: eu-west-1}
            smtp: {user: u, password: p, require_auth: false, starttls: false, max_size: 1MiB}
            twilio: {account_sid: AC1, auth_token: a, api_key_sid: SK1, api_key_secret: b}
            messagebird: {access_key: c}
            fcm: {project: p, max_streams: 7, token_lifetime_s: 60}
            apns: {team_id: T, key_id: K, topic: t, max_streams: 8, slow_after_refusal: false}
            journal: {entries: 7}
            callbacks:
              enabled: false
              router: "http://127.0.0.1:1/"
              ses_url: "http://127.0.0.1:2/ses"
              batch_events: 7
              batch_delay: 1s
              sendgrid_signing_key: k
              messagebird_signing_key: m
              messagebird_posts: true
              sns_topic_arn: arn
              sns_signature_version: 1
              wait_for_confirmation: true
              capacity: 9
              delay_min: 1s
              delay_max: 2s
              loss: 0.1
              duplicate: 0.2
              again: 0.3
              reorder: 0.4
              reorder_delay: 3s
              forge: 0.5
              retries: 6
              retry_delay: 4s
              seed: 8
            """)
        var expected = Sandbox.Settings()
        expected.host = "::1"
        expected.ports = .init(base: 1)
        expected.sendGridKey = "SG.from.environment"
        expected.aws.accessKeyID = "AKIA"
        expected.aws.secretAccessKey = "s"
        expected.aws.sessionToken = "t"
        expected.aws.region = "eu-west-1"
        expected.smtp.user = "u"
        expected.smtp.password = "p"
        expected.smtp.requiresAuthentication = false
        expected.smtp.offersStartTLS = false
        expected.smtp.maximumSize = 1_048_576
        expected.twilio.accountSID = "AC1"
        expected.twilio.authToken = "a"
        expected.twilio.apiKeySID = "SK1"
        expected.twilio.apiKeySecret = "b"
        expected.messageBirdKey = "c"
        expected.fcm.project = "p"
        expected.fcm.maximumStreams = 7
        expected.fcm.tokenLifetime = 60
        expected.apns.teamID = "T"
        expected.apns.keyID = "K"
        expected.apns.topic = "t"
        expected.apns.maximumStreams = 8
        expected.apns.slowsAfterRefusal = false
        expected.journalEntries = 7
        expected.callbacks.isOn = false
        expected.callbacks.call(router: "http://127.0.0.1:1")
        expected.callbacks.sesURL = "http://127.0.0.1:2/ses"
        expected.callbacks.batchEvents = 7
        expected.callbacks.batchDelay = .seconds(1)
        expected.callbacks.sendGridSigningKey = "k"
        expected.callbacks.messageBirdSigningKey = "m"
        expected.callbacks.messageBirdPosts = true
        expected.callbacks.topicARN = "arn"
        expected.callbacks.signatureVersion = 1
        expected.callbacks.waitsForConfirmation = true
        expected.callbacks.capacity = 9
        expected.callbacks.transport.delay = .seconds(1) ... .seconds(2)
        expected.callbacks.transport.loss = 0.1
        expected.callbacks.transport.duplicate = 0.2
        expected.callbacks.transport.again = 0.3
        expected.callbacks.transport.reorder = 0.4
        expected.callbacks.transport.reorderDelay = .seconds(3)
        expected.callbacks.transport.forge = 0.5
        expected.callbacks.transport.retries = 6
        expected.callbacks.transport.retryDelay = .seconds(4)
        expected.callbacks.transport.seed = 8
        #expect(settings == expected)
    }

    @Test(arguments: ["https://127.0.0.1:1", "http://waypost.example.com", "http://127.0.0.1.example.com"])
    func `nobody is called beyond this machine`(url: String) {
        #expect(throws: ConfigurationProblems.self) { try read("callbacks: {router: \"\(url)\"}") }
    }

    @Test func `a base gives the ports, and what is left out has its default`() throws {
        var expected = Sandbox.Settings()
        expected.ports = .init(base: 9_900)
        #expect(try read("port_base: 9900") == expected)
        #expect(expected.ports.smtps == 9_904)
        #expect(expected.ports.twilio == 9_905 && expected.ports.messageBird == 9_906)
        #expect(expected.ports.fcm == 9_907 && expected.ports.apns == 9_908)
    }

    @Test func `every fault of a file is told at once`() throws {
        let problems = try #require(throws: ConfigurationProblems.self) {
            try read(
                """
                hots: 127.0.0.1
                port_base: 70000
                smtp: {max_size: big}
                tls: {certificate: /nowhere/at/all.pem}
                """)
        }
        let paths = problems.problems.map(\.path)
        #expect(
            Set(paths).isSuperset(of: ["hots", "port_base", "smtp.max_size", "tls.certificate", "tls"]), "\(problems)")
    }

    @Test func `a base and ports of their own contradict each other`() throws {
        #expect(throws: ConfigurationProblems.self) { try read("port_base: 9900\nports: {ses: 1}") }
    }

    @Test func `what is printed for waypost.yaml names the addresses in use`() throws {
        try withSandbox { sandbox in
            let folder = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
            defer { try? FileManager.default.removeItem(at: folder) }
            let files = PushFiles(beside: "\(folder.path)/ca.pem")
            try sandbox.writePushKeys(to: files)
            let text = sandbox.configuration(authorityFile: "/tmp/ca.pem", pushFiles: files)
            let file = try ConfigurationFile(bytes: Array(text.utf8), folder: "/", environment: [:])
            let urls = try file.read { root in
                let sections = root.sections("providers")
                root.ignore { $0 == "routes" }
                return sections.map { entry in
                    var section = entry.section
                    return section.string("base_url") ?? section.string("url")
                }
            }
            #expect(
                urls == [
                    sandbox.sendGridURL, sandbox.sesURL, sandbox.smtpURL, sandbox.twilioURL, sandbox.messageBirdURL,
                    sandbox.fcmURL, sandbox.apnsURL,
                ])
            for key in [
                "webhook_public_key: \"\(sandbox.webhookPublicKey)\"", "sns_endpoint: \"\(sandbox.snsURL)\"",
                "sns_topic_arns: [\"\(sandbox.settings.callbacks.topicARN)\"]",
                "signing_key: \"\(sandbox.settings.callbacks.messageBirdSigningKey)\"",
            ] { #expect(text.contains(key)) }
            #expect(text.contains(#"service_account: "file:\#(folder.path)/ca-firebase.json""#))
            #expect(text.contains(#"private_key: "file:\#(folder.path)/ca-apns.p8""#))
            #expect(!sandbox.configuration(authorityFile: nil).contains("push"))
        }
    }
}
