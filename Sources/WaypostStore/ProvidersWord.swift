import WaypostCore
import WaypostJSON

/// What is done to the lists of people because a provider said so, by a callback or in its answer. Each change goes to the
/// audit trail in its transaction; what is only said again does not. A provider's own words stay out of it: they may quote
/// an address.
extension WriteSession {
    /// Suppresses an address on its provider's word. `key`: its look-up value.
    func suppress(_ suppression: Suppression, key: Int64, onWordOf provider: String) throws {
        guard try suppress(suppression, key: key) else { return }
        try audit(
            AuditEntry(
                .suppressionPut, by: AuditEntry.provider(provider), target: auditName(of: key, on: suppression.channel),
                reason: suppression.reason.rawValue))
    }

    /// Enters what a person said to a provider. The ledger gets every entry, the trail those that change what holds.
    func enter(_ consent: Consent, because reason: String, onWordOf provider: String) throws {
        let key = addresses.value(of: consent.address, on: consent.channel)
        let before = try lastWord(of: key, on: consent.channel, about: consent.purpose)
        try enter(consent)
        guard before != consent.state else { return }
        try audit(
            AuditEntry(
                .consentPut, by: AuditEntry.provider(provider), target: auditName(of: key, on: consent.channel),
                reason: reason,
                data: AuditData.of(
                    ("state", .string(consent.state.rawValue)), ("purpose", .string(consent.purpose)))))
    }

    /// Ends what stood against an address for this reason: of that source and in those words, or of all.
    func liftSuppression(
        _ key: Int64, on channel: Channel, reason: Suppression.Reason, detail: String?, ofAll: Bool,
        because word: String, onWordOf provider: String
    ) throws {
        let match = "address_key = ? AND channel = ? AND reason = ?"
        if ofAll {
            try db.cachedStatement(sql: "DELETE FROM suppressed WHERE \(match)")
                .execute(arguments: [key, channel.column, reason.rawValue])
        } else {
            try db.cachedStatement(sql: "DELETE FROM suppressed WHERE \(match) AND source = ? AND detail IS ?")
                .execute(arguments: [key, channel.column, reason.rawValue, provider, detail])
        }
        guard db.changesCount > 0 else { return }
        try audit(
            AuditEntry(
                .suppressionDeleted, by: AuditEntry.provider(provider), target: auditName(of: key, on: channel),
                reason: word))
    }
}
