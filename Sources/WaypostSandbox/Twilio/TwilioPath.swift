/// A path below `/2010-04-01/Accounts/`, taken apart.
struct TwilioPath: Equatable, Sendable {
    enum Resource: Equatable, Sendable {
        case account, balance, messages, calls
        case message(String)
        case call(String)
    }

    let account: String
    let resource: Resource

    /// nil when there is nothing at that path.
    init?(_ path: Substring) {
        let prefix = "/2010-04-01/Accounts/"
        guard path.hasPrefix(prefix), path.hasSuffix(".json") else { return nil }
        let parts = path.dropFirst(prefix.count).dropLast(5).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty }), let account = parts.first else { return nil }
        self.account = String(account)
        switch (parts.count, parts.dropFirst().first) {
        case (1, _): resource = .account
        case (2, "Balance"): resource = .balance
        case (2, "Messages"): resource = .messages
        case (2, "Calls"): resource = .calls
        case (3, "Messages"): resource = .message(String(parts[2]))
        case (3, "Calls"): resource = .call(String(parts[2]))
        default: return nil
        }
    }
}
