extension Sandbox {
    /// Where the stand-ins listen and whom they let in. Nothing here is a secret: the credentials open a sandbox.
    package struct Settings: Equatable, Sendable {
        /// What SES's stand-in checks signatures against.
        package struct AWS: Equatable, Sendable {
            package var accessKeyID = "AKIASANDBOXSANDBOX00"
            package var secretAccessKey = "sandbox/secret/access/key"
            /// When set, `X-Amz-Security-Token` must be there and signed.
            package var sessionToken: String?
            package var region = "us-east-1"
            package init() {}
        }

        /// Whom Twilio's stand-in lets in: the account with its token, or an API key with its secret.
        package struct Twilio: Equatable, Sendable {
            package var accountSID = "AC00000000000000000000000000005a4d"
            package var authToken = "sandbox"
            package var apiKeySID = "SK00000000000000000000000000005a4d"
            package var apiKeySecret = "sandbox"
            package init() {}
        }

        /// How the submission server behaves.
        package struct SMTP: Equatable, Sendable {
            package var user = "waypost"
            package var password = "sandbox"
            /// MAIL before AUTH is answered with 530.
            package var requiresAuthentication = true
            /// On the clear-text port.
            package var offersStartTLS = true
            /// In bytes, as SIZE tells.
            package var maximumSize = 26_214_400
            package init() {}
        }

        /// How FCM's stand-in behaves.
        package struct FCM: Equatable, Sendable {
            package var project = "waypost-sandbox"
            /// Streams at once on one connection.
            package var maximumStreams = 100
            /// How long an access token is good, in seconds.
            package var tokenLifetime = 3_599
            package init() {}
        }

        /// How APNs' stand-in behaves, and whom it lets in.
        package struct APNs: Equatable, Sendable {
            /// Ten letters and digits each.
            package var teamID = "TEAM000001"
            package var keyID = "KEY0000001"
            /// The app's bundle id.
            package var topic = "com.example.app"
            /// Streams at once on one connection, once a push was taken on it; one before that.
            package var maximumStreams = 1_000
            /// Whether 400 and 403 bring the connection back to one stream.
            package var slowsAfterRefusal = true
            package init() {}
        }

        /// One for each listener; 0 picks a free one.
        package struct Ports: Equatable, Sendable {
            package var control = 0
            package var sendGrid = 0
            package var ses = 0
            package var smtp = 0
            /// TLS from the first byte.
            package var smtps = 0
            package var twilio = 0
            /// All of MessageBird's hosts.
            package var messageBird = 0
            package var fcm = 0
            package var apns = 0
            /// TLS: SNS's certificate, and where SES's subscription is confirmed.
            package var sns = 0
            package init() {}

            /// `base` for control, then the stand-ins in this order.
            package init(base: Int) {
                (control, sendGrid, ses, smtp, smtps) = (base, base + 1, base + 2, base + 3, base + 4)
                (twilio, messageBird) = (base + 5, base + 6)
                (fcm, apns, sns) = (base + 7, base + 8, base + 9)
            }
        }

        /// PEM files for TLS, in place of a certificate made at start.
        package struct TLS: Equatable, Sendable {
            package var certificate: String
            package var privateKey: String

            package init(certificate: String, privateKey: String) {
                self.certificate = certificate
                self.privateKey = privateKey
            }
        }

        /// An IP address. Anything but loopback shows an unauthenticated control API to the network.
        package var host = "127.0.0.1"
        package var ports = Ports()
        package var sendGridKey = "SG.sandbox"
        package var aws = AWS()
        package var smtp = SMTP()
        package var twilio = Twilio()
        package var messageBirdKey = "sandbox"
        package var fcm = FCM()
        package var apns = APNs()
        package var callbacks = Callbacks()
        package var tls: TLS?
        /// Full journal entries kept, 1 to 1,000,000; the oldest give way.
        package var journalEntries = 100_000

        package init() {}
    }
}
