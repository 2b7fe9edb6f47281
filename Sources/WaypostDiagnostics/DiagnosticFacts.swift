import WaypostCore

/// All that a diagnosis gathered, before anybody judges it.
package struct DiagnosticFacts: Equatable, Sendable {
    package var at: Timestamp
    package var services = Services()
    package var hosts: [HostFacts] = []
    package var domains: [SenderDomain] = []
    package var performance = Performance()
    package var security = Security()

    package init(at: Timestamp) { self.at = at }

    /// The router's own parts, and the providers as it sees them.
    package struct Services: Equatable, Sendable {
        /// One of the probes' checks: its name and, where it fails, why.
        package struct Check: Equatable, Sendable {
            package var name: String
            package var failure: String?
            package init(_ name: String, failure: String? = nil) {
                self.name = name
                self.failure = failure
            }
        }
        package struct Provider: Equatable, Sendable {
            package var name: String
            package var kind: String
            package var isEnabled = true
            /// Why it was disabled, by the configuration or by hand.
            package var disabledReason: String?
            /// The state of each channel's breaker: closed, half_open, open.
            package var breakers: [String: String] = [:]
            /// The last check before this diagnosis, and when it was.
            package var lastCheck: Checked?
            /// Made for it; nil: it did not end in time.
            package var freshCheck: Checked?
            /// It asked to be left alone.
            package var isResting = false

            package init(name: String, kind: String) {
                self.name = name
                self.kind = kind
            }

            /// Whether it can be counted on now for a channel.
            func serves(_ channel: String) -> Bool {
                guard isEnabled, breakers[channel] != "open", let freshCheck else { return false }
                return freshCheck.ailment == nil
            }
        }
        package struct Checked: Equatable, Sendable {
            package var ailment: String?
            package var at: Timestamp
            package var duration: Duration
            package init(ailment: String?, at: Timestamp, duration: Duration) {
                self.ailment = ailment
                self.at = at
                self.duration = duration
            }
        }

        /// How long a transaction of this diagnosis took; nil: it failed, and `storeFailure` says why.
        package var commitTime: Duration?
        package var storeFailure: String?
        package var checks: [Check] = []
        package var providers: [Provider] = []
        /// Whom each channel goes to, best first.
        package var routes: [String: [String]] = [:]
        /// What operators hold against the ordinary course, by kind.
        package var overrides: [String: Int] = [:]
        package var lastReloadFailed = false
        package init() {}
    }

    /// How well it runs; counts and times since it was started.
    package struct Performance: Equatable, Sendable {
        package struct Channel: Equatable, Sendable {
            package var name: String
            /// From taking a message in to its end, in seconds.
            package var p50: Double?
            package var p99: Double?
            package var queued = 0
            /// In seconds.
            package var oldestAge = 0.0
            package var deadLetters = 0
            package var inDoubt = 0
            /// In percent, by window.
            package var deliveryRates: [String: Double] = [:]
            package init(name: String) { self.name = name }
        }
        package struct Provider: Equatable, Sendable {
            package var name: String
            package var attempts = 0
            /// Those that ended in another way than accepted.
            package var errors = 0
            package var p99: Double?
            package var refusedCallbacks = 0
            package init(name: String) { self.name = name }
        }

        package var channels: [Channel] = []
        package var providers: [Provider] = []
        /// Messages that providers took, a second, over the whole time.
        package var throughput = 0.0
        package var failovers = 0
        package var commitP50: Double?
        package var commitP99: Double?
        package var storeErrors = 0
        package var ledgerImbalance = 0
        package var storeSize = 0
        package var storeLogSize = 0
        package var diskFree: Int?
        /// What must be free, or nothing new is taken.
        package var diskNeeded: Int?
        package var residentMemory = 0
        /// Processors' time used over time passed; 1 is one processor.
        package var processorShare = 0.0
        package var openFiles = 0
        package var maxFiles = 0
        /// In seconds.
        package var uptime = 0.0
        package init() {}
    }

    /// What the configuration leaves open.
    package struct Security: Equatable, Sendable {
        /// A file that holds secrets.
        package struct File: Equatable, Sendable {
            /// What it is for: `configuration`, `tls private key`.
            package var role: String
            /// Permission bits.
            package var mode: Int
            package var changedAt: Timestamp
            package init(role: String, mode: Int, changedAt: Timestamp) {
                self.role = role
                self.mode = mode
                self.changedAt = changedAt
            }
        }
        package var hasKeys = true
        /// Names of keys that may be used from anywhere.
        package var openKeys: [String] = []
        /// Those among them that may operate.
        package var openOperators: [String] = []
        package var isEncrypted = true
        package var hasTLS = true
        /// It listens on more than loopback.
        package var isPublic = false
        /// `public_url` is http and not this machine.
        package var publicURLIsClear = false
        /// Providers spoken to without TLS beyond this machine, by their host.
        package var clearHosts: [String: String] = [:]
        /// Providers that call back and have no key to prove it with: what they send is refused.
        package var unsignedProviders: [String] = []
        package var files: [File] = []
        /// When our own certificate ends.
        package var certificateExpiresAt: Timestamp?
        package var requiresConsent = true
        package var hasQuietHours = true
        package init() {}
    }
}
