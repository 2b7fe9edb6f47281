import WaypostConfiguration
import WaypostCore
import WaypostCrypto
import WaypostHTTP

/// How MessageBird's callbacks prove where they come from: by a token, else by the older HMAC over time, query and body.
struct MessageBirdSignature {
    /// As they are shown: what looks like hexadecimal is not decoded.
    private let keys: [[UInt8]]
    private let scheme: MessageBird.Settings.WebhookScheme

    init(_ settings: MessageBird.Settings) {
        keys = [settings.signingKey, settings.previousSigningKey].compactMap { $0.map { Array($0.value.utf8) } }
            .filter { !$0.isEmpty }
        scheme = settings.webhookScheme
    }

    func verdict(on callback: Callback, at now: Timestamp) -> CallbackVerdict {
        guard !keys.isEmpty else { return .refused("signing_key is not configured") }
        let headers = callback.request.headers
        if let text = headers["MessageBird-Signature-JWT"] {
            guard let token = MessageBirdToken(text, signedByOneOf: keys) else {
                return .refused("its token's signature does not hold")
            }
            return token.flaw(for: callback, at: now).map(CallbackVerdict.refused) ?? .genuine
        }
        guard let text = headers["MessageBird-Signature"], let time = headers["MessageBird-Request-Timestamp"] else {
            return .refused("it is not signed")
        }
        guard let code = Base64.decode(text), code.count == HMAC.Hash.sha256.size else {
            return .refused("its signature cannot be read")
        }
        guard let sentAt = Self.moment(time) else { return .refused("its time cannot be read") }
        guard max(now - sentAt, sentAt - now) <= callback.tolerance else {
            return .refused("its time lies too far off")
        }
        guard let middles = middles(of: callback) else { return .refused("its query is too long") }
        let hash = SHA256.hash(callback.request.body)
        let isGenuine = middles.contains { middle in
            let data = Array(time.utf8) + [0x0A] + middle + [0x0A] + hash
            return keys.contains { HMACKey($0).isValid(code, for: data) }
        }
        return isGenuine ? .genuine : .refused("its signature does not hold")
    }

    /// Seconds since 1970, in digits alone.
    private static func moment(_ text: String) -> Timestamp? {
        guard (1...12).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text).map { Timestamp(milliseconds: $0 * 1000) }
    }

    /// What may stand between time and hash. The query is sorted by its names and encoded anew; encoders differ on a few
    /// characters (`~`), so that the pairs as they came serve too.
    private func middles(of callback: Callback) -> [[UInt8]]? {
        guard scheme == .classic else { return [Array(callback.url.utf8)] }
        let raw = callback.request.query.utf8.split(separator: UInt8(ascii: "&"))
        guard raw.count <= FormFields.most, let query = callback.query else { return nil }
        let asTheyCame = raw.enumerated().sorted { left, right in
            let (a, b) = (
                left.element.prefix { $0 != UInt8(ascii: "=") }, right.element.prefix { $0 != UInt8(ascii: "=") }
            )
            return a.elementsEqual(b) ? left.offset < right.offset : a.lexicographicallyPrecedes(b)
        }
        let anew = query.fields.enumerated().sorted { left, right in
            left.element.name == right.element.name
                ? left.offset < right.offset : left.element.name.lexicographicallyPrecedes(right.element.name)
        }
        return [
            Array(asTheyCame.map(\.element).joined(separator: "&".utf8)),
            Array(
                anew.map { Self.encoded($0.element.name) + "=".utf8 + Self.encoded($0.element.value) }.joined(
                    separator: "&".utf8)),
        ]
    }

    /// As Go and Python encode a query's parts.
    private static func encoded(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                text.append(byte)
            case UInt8(ascii: " "): text.append(UInt8(ascii: "+"))
            default:
                text.append(UInt8(ascii: "%"))
                for digit in [byte >> 4, byte & 15] { text.append(digit < 10 ? 0x30 + digit : 0x37 + digit) }
            }
        }
        return text
    }
}
