import WaypostCore
import WaypostJSON
import WaypostStore

/// Entries of the ledger of consent in JSON.
package enum ConsentBody {
    /// One entry by itself.
    package static func bytes(_ consent: Consent) -> [UInt8] {
        var json = JSONWriter(capacity: 512)
        json.object { json in
            json.member("channel", consent.channel.rawValue)
            json.member("address", consent.address)
            writeMembers(of: consent, to: &json)
        }
        return json.bytes
    }

    /// All about one address: the last word about each purpose, and the entries that led to it.
    package static func bytes(
        _ listed: ListedAddress, standing: [Consent], history: some Collection<Consent>, next: Cursor?
    ) -> [UInt8] {
        var json = JSONWriter(capacity: 512 * (standing.count + history.count) + 128)
        json.object { json in
            json.member("channel", listed.channel.rawValue)
            json.member("address", listed.address)
            for (name, entries) in [("consents", standing), ("history", Array(history))] {
                json.array(name) { json in
                    for entry in entries { json.object { writeMembers(of: entry, to: &$0) } }
                }
            }
            if let next { json.member("next", next.description) } else { json.null("next") }
        }
        return json.bytes
    }

    private static func writeMembers(of consent: Consent, to json: inout JSONWriter) {
        json.member("state", consent.state.rawValue)
        json.member("purpose", consent.purpose)
        json.member("source", consent.source)
        json.member("proof", orNull: consent.proof)
        json.member("at", plain: consent.at.bytes)
        json.member("recorded_at", plain: consent.recordedAt.bytes)
        json.member("by", consent.by)
    }
}

/// What a client says of a person's consent: the body of `PUT /v1/consents/{channel}/{address}`.
package struct ConsentFields: Equatable, Sendable {
    /// What a client may enter; a withdrawal is a DELETE.
    package enum State: String, CaseIterable, Sendable { case granted, denied }

    package var state: Consent.State
    package var purpose: String
    package var source: String?
    package var proof: String?
    package var at: Timestamp?

    /// Octets of a purpose's name.
    static let purposeBytes = 1...100
    /// How far the caller's clock may be ahead of ours.
    static let clockSlack = Duration.seconds(300)

    package static func decode(_ body: JSONValue, at now: Timestamp) -> Result<ConsentFields, Problem> {
        FieldReader.read(body) { reader in
            let state = reader.require("state").flatMap { _ in reader.word("state", as: State.self) }
            let purpose = reader.line("purpose", bytes: 0...purposeBytes.upperBound) ?? ""
            let source = reader.line("source", bytes: 1...200)
            let proof = reader.text("proof", atMost: 2000)
            let at = reader.time("at")
            if let at, at > now + clockSlack { reader.complain(.name("at"), "must not lie ahead") }
            guard let state else { return nil }
            return ConsentFields(
                state: state == .granted ? .granted : .denied, purpose: purpose, source: source, proof: proof, at: at)
        }
    }
}
