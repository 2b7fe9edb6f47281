import Foundation
import GRDB
import WaypostCore

/// Receipts that came before what they are about: kept for a day, and joined when their attempt has an outcome.
extension WriteSession {
    /// How many are kept; over it the oldest go.
    package static let maxStrays = 100_000

    /// `attempt`: the attempt's id; where the receipt names the message alone, that one's.
    func stray(_ receipt: Receipt, attempt: ULID?, from provider: String) throws {
        guard attempt != nil || receipt.reference != nil else { return }  // nothing could ever claim it
        try receiptStatements.insertStray.run {
            $0.add(attempt)
            if let reference = receipt.reference {
                $0.add(ReferenceKey.of(reference, at: provider))
            } else {
                $0.addNull()
            }
            $0.add(provider)
            $0.add([UInt8](KeptBody.closed(receipt.encoded())))
            $0.add(now)
        }
        strays += 1
        guard strays > Self.maxStrays else { return }
        // Some more than the one, so that a flood does not pay for it with every receipt.
        let surplus = strays - Self.maxStrays + 100
        try db.cachedStatement(sql: "DELETE FROM stray WHERE seq IN (SELECT seq FROM stray ORDER BY seq LIMIT ?)")
            .execute(arguments: [surplus])
        strays -= db.changesCount
    }

    /// Takes out those that are about an attempt, in the order they came. Costs nothing while there are none at all.
    func claimStrays(
        of attempt: AttemptID, _ message: MessageID, from provider: ProviderName, reference: String?
    ) throws -> [Receipt] {
        guard strays > 0 else { return [] }
        var found: [Int64: [UInt8]] = [:]
        for id in [attempt.value, message.value] {
            try receiptStatements.straysByID.rows {
                $0.add(id)
                $0.add(provider.text)
            } each: {
                found[$0.integer(0)] = $0.bytes(1)
            }
        }
        if let reference {
            for spelling in [reference] + ReferenceAliases.of(reference) {
                try receiptStatements.straysByReference.rows {
                    $0.add(ReferenceKey.of(spelling, at: provider.text))
                    $0.add(provider.text)
                } each: {
                    found[$0.integer(0)] = $0.bytes(1)
                }
            }
        }
        var receipts: [Receipt] = []
        for (seq, body) in found.sorted(by: { $0.key < $1.key }) {
            guard let receipt = try? Receipt(decoding: KeptBody.opened(Data(body))) else { continue }
            // In a bundle the reference is shared: what names another message or attempt waits for that.
            if let named = receipt.message, named != message { continue }
            if let named = receipt.attempt, named != attempt { continue }
            try receiptStatements.deleteStray.run { $0.add(seq) }
            strays -= 1
            receipts.append(receipt)
        }
        return receipts
    }

    /// Follows what was claimed, now that the attempt has an outcome. What still has no place goes on waiting.
    func join(
        _ receipts: [Receipt], from provider: ProviderName, under rules: ReceiptRules
    ) throws -> TakenReceipts {
        var taken = TakenReceipts()
        for receipt in receipts {
            switch try place(receipt, from: provider.text) {
            case .placed(let place): try apply(receipt, to: place, under: rules, &taken)
            case .underWay(let attempt): try stray(receipt, attempt: attempt.value, from: provider.text)
            case .unknown:
                try stray(receipt, attempt: receipt.attempt?.value ?? receipt.message?.value, from: provider.text)
            }
        }
        return taken
    }
}
