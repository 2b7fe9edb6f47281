import WaypostCore

/// An answer kept with its idempotency key, in the same transaction as what it tells of.
package struct StoredAnswer: Equatable, Sendable {
    package var status: Int
    package var location: String?
    /// JSON.
    package var body: [UInt8]
    package init(status: Int, location: String?, body: [UInt8]) {
        self.status = status
        self.location = location
        self.body = body
    }
}

/// The key under which a client may ask for the same again, and what it asked for.
package struct IdempotencyRecord: Sendable {
    /// First 16 bytes of SHA-256 over client, NUL, key.
    package var key: [UInt8]
    /// First 16 bytes of SHA-256 over method, path, query and body.
    package var fingerprint: [UInt8]
    package init(key: [UInt8], fingerprint: [UInt8]) {
        self.key = key
        self.fingerprint = fingerprint
    }

    /// How long answers are kept.
    package static let lifetime: Duration = .seconds(24 * 3600)
}

/// What comes of a change that is made at most once under a key.
package enum Once<Value> {
    /// What `change` said, and the answer that was kept.
    case made(Value, answer: StoredAnswer?)
    /// The same request has its answer already; nothing was done.
    case replayed(StoredAnswer)
    /// The key was used for another request; nothing was done.
    case mismatch
}

extension Once: Sendable where Value: Sendable {}

extension WriteSession {
    /// Makes a change unless its key has an answer already, and keeps its answer under the key; all in this transaction.
    ///
    /// A change that commits nothing gives no answer, so that its key stays free. Without a key it is simply made.
    package func once<Value>(
        _ idempotency: IdempotencyRecord?, _ change: () throws -> (Value, answer: StoredAnswer?)
    ) throws -> Once<Value> {
        guard let idempotency else {
            let (value, answer) = try change()
            return .made(value, answer: answer)
        }
        if let (fingerprint, answer) = try answer(under: idempotency.key) {
            return fingerprint == idempotency.fingerprint ? .replayed(answer) : .mismatch
        }
        let (value, answer) = try change()
        if let answer { try keep(answer, under: idempotency) }
        return .made(value, answer: answer)
    }

    private func answer(under key: [UInt8]) throws -> (fingerprint: [UInt8], StoredAnswer)? {
        try findIdempotency.first {
            $0.add(key)
            $0.add(now - IdempotencyRecord.lifetime)
        } read: { row in
            (row.bytes(0), StoredAnswer(status: row.int(1), location: row.optionalText(2), body: row.bytes(3)))
        }
    }

    private func keep(_ answer: StoredAnswer, under idempotency: IdempotencyRecord) throws {
        try insertIdempotency.run {
            $0.add(idempotency.key)
            $0.add(idempotency.fingerprint)
            $0.add(now)
            $0.add(answer.status)
            $0.add(answer.location)
            $0.add(answer.body)
        }
    }
}
