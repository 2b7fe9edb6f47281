import Foundation
import GRDB
import WaypostCore
import WaypostJSON

/// What receipts say of people: who must not be written to any more, who may be again, and what somebody wrote.
extension WriteSession {
    /// Suppresses whom a receipt is about, or lifts what it says is over. `place`: the deliveries, where they are known.
    func suppress(for receipt: Receipt, at place: ReceiptPlace?, from provider: String) throws {
        let channel = place?.channel ?? receipt.channel
        if receipt.news == .resubscribed { return try lift(receipt, at: place, from: provider, on: channel) }
        guard let reason = receipt.suppression ?? receipt.news.failure?.suppression else { return }
        for (address, key) in try people(of: receipt, at: place, on: channel) {
            try suppress(
                Suppression(
                    channel: channel, address: address, reason: reason, source: provider, detail: receipt.words,
                    sparesTransactional: receipt.sparesTransactional, createdAt: now), key: key, onWordOf: provider)
            guard reason == .optOut, let address, channel.isTelephone else { continue }
            try enter(
                Consent(
                    channel: channel, address: address, state: .denied, source: provider, proof: receipt.words,
                    at: receipt.at, recordedAt: now, by: provider), because: reason.rawValue, onWordOf: provider)
        }
    }

    private func lift(_ receipt: Receipt, at place: ReceiptPlace?, from provider: String, on channel: Channel) throws {
        for (_, key) in try people(of: receipt, at: place, on: channel) {
            try liftSuppression(
                key, on: channel, reason: receipt.suppression ?? .unsubscribe, detail: receipt.words, ofAll: false,
                because: "resubscribed", onWordOf: provider)
        }
    }

    /// The address that the receipt names; else those of its deliveries, as far as they are still known.
    private func people(of receipt: Receipt, at place: ReceiptPlace?, on channel: Channel) throws
        -> [(address: String?, key: Int64)]
    {
        if let address = receipt.address {
            let normal = ReceiptAddress.normal(address, on: channel)
            return [(normal, addresses.value(of: normal, on: channel))]
        }
        guard let place else { return [] }
        let known = (try? Message(decoding: Self.content(db, place.seq)))?.content.deliveries ?? []
        return place.targets.map { target in
            let address = known.first { $0.ordinal == target.ordinal }?.address
            return (address.map { NormalizedAddress.of($0, on: channel) }, target.addressKey)
        }
    }

    /// What a person wrote: the feed hears of it, and STOP and START are followed, for the channel at all providers.
    func take(_ inbound: Inbound, _ receipt: Receipt, from provider: ProviderName) throws {
        let channel = receipt.channel
        try append(
            .inbound, of: 0, ordinal: 0, provider: provider.text, detail: receipt.detail,
            data: inbound.data(of: receipt))
        guard let keyword = inbound.keyword, keyword != .help else { return }
        let address = ReceiptAddress.normal(inbound.from, on: channel)
        let key = addresses.value(of: address, on: channel)
        let word = keyword.rawValue.uppercased()
        try enter(
            Consent(
                channel: channel, address: address, state: keyword == .stop ? .denied : .granted,
                source: provider.text, proof: word, at: receipt.at, recordedAt: now, by: provider.text),
            because: word, onWordOf: provider.text)
        if keyword == .stop {
            try suppress(
                Suppression(
                    channel: channel, address: address, reason: .optOut, source: provider.text, detail: "STOP",
                    createdAt: now), key: key, onWordOf: provider.text)
        } else {
            try liftSuppression(
                key, on: channel, reason: .optOut, detail: nil, ofAll: true, because: word, onWordOf: provider.text)
        }
    }

    /// Forgets events that belong to no message and are older than messages are kept. Returns how many went.
    package func forgetInbound(before limit: Timestamp, atMost count: Int) throws -> Int {
        let oldest = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT at FROM event WHERE message = 0 ORDER BY seq LIMIT 1"))
        guard let oldest, oldest < limit.milliseconds else { return 0 }
        try keepSequenceFloors()
        try db.cachedStatement(
            sql: """
                DELETE FROM event WHERE seq IN (SELECT seq FROM event WHERE message = 0 ORDER BY seq LIMIT ?) AND at < ?
                """
        ).execute(arguments: [count, limit.milliseconds])
        return db.changesCount
    }
}

extension Channel {
    /// Its addresses are telephone numbers.
    var isTelephone: Bool { self == .sms || self == .whatsapp || self == .voice }
}

extension Inbound {
    fileprivate func data(of receipt: Receipt) -> [UInt8] {
        var json = JSONWriter(capacity: 512)
        json.object { json in
            json.member("from", from)
            json.member("to", to)
            json.member("text", text)
            json.array("media") { json in for url in media { json.element(url) } }
            json.member("channel", receipt.channel.rawValue)
            json.member("keyword", ifPresent: keyword?.rawValue)
            json.member("provider_message_id", ifPresent: receipt.reference)
            json.member("occurred_at", receipt.at.description)
        }
        return json.bytes
    }
}
