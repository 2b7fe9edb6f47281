import WaypostCore

extension WriteSession {
    /// Passes on what a foreign sender told, once. `name`: the sender's own of it, `source`: of whom, so that names do not
    /// meet; `data`: an object in JSON. False where it has been taken in already.
    package func passOn(_ name: String, from source: String, type: String?, data: [UInt8]) throws -> Bool {
        guard try isNew([name], from: source) else { return false }
        try append(.webhookReceived, of: 0, ordinal: 0, provider: nil, detail: type, data: data)
        return true
    }
}
