import WaypostCore
import WaypostCrypto

/// A host that an instance of a provider speaks to, and how.
package struct HostTarget: Hashable, Sendable {
    package enum Manner: Hashable, Sendable {
        case http
        /// TLS with what ALPN offers.
        case https([String])
        /// Submission: TLS from the first byte, after STARTTLS, or none.
        case mail(Security)
        package enum Security: Hashable, Sendable { case implicitTLS, startTLS, plain }
    }
    package var provider: String
    package var host: String
    package var port: Int
    package var manner: Manner
    /// Certificates trusted beside the system's, a path.
    package var authorities: String?

    package init(provider: String, host: String, port: Int, manner: Manner, authorities: String? = nil) {
        self.provider = provider
        self.host = host
        self.port = port
        self.manner = manner
        self.authorities = authorities
    }
}

/// What a look at a host found, as far as it came. Times are of this look alone, on a connection of its own.
package struct HostFacts: Equatable, Sendable {
    package var target: HostTarget
    package var resolveTime: Duration?
    package var addresses: [String] = []
    package var connectTime: Duration?
    package var handshakeTime: Duration?
    package var tls: TLSFacts?
    /// From a harmless question to its answer's first byte; no credential is sent.
    package var firstByteTime: Duration?
    /// Of that answer, in bytes a second; nil where it was too short to tell.
    package var throughput: Double?
    /// By how much our clock is ahead of the host's `Date`; it has a resolution of a second.
    package var clockLead: Duration?
    /// nil: it came to its end.
    package var failure: ProbeFailure?

    package init(target: HostTarget) { self.target = target }
}
