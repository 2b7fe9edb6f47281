import WaypostCore
import WaypostHTTP

/// Fetches the credential that a provider's requests carry, and keeps it while it holds. The adapter that it belongs to
/// reads the credential from it when it writes a request.
package protocol Authorizer: Sendable {
    /// Calls `then` once: at once while a credential is at hand, else when it has been fetched; one fetch serves all who
    /// wait. nil: requests can be written now. `pool` is one beside the provider's own: its streams are counted apart.
    func ready(
        over transport: any Transport, pool: String, settings: TransferSettings, at now: Timestamp,
        then: @escaping @Sendable (Failure?) -> Void)

    /// The maker has refused the credential in use: the next `ready` gets another.
    func reject(at now: Timestamp)
}
