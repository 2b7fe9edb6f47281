import WaypostConfiguration
import WaypostCrypto
import WaypostHTTP

/// `X-Twilio-Signature`: base 64 of an HMAC over the URL that was called and the pairs of the form.
///
/// No time is signed: repeating a callback is harmless because it is kept once.
/// https://www.twilio.com/docs/usage/security#validating-requests
struct TwilioSignature {
    /// What may have signed with HMAC-SHA-1.
    let authTokens: [Secret]
    /// What may have signed with HMAC-SHA-256, by the ids of the keys.
    let sharedKeys: [String: Secret]

    init(_ settings: Twilio.Settings) {
        authTokens = [settings.authToken, settings.previousAuthToken].compactMap(\.self).filter { !$0.value.isEmpty }
        sharedKeys = settings.webhookSharedKeys.filter { !$0.value.value.isEmpty }
    }

    func verdict(on callback: Callback) -> CallbackVerdict {
        guard let given = callback.request.headers["X-Twilio-Signature"], !given.isEmpty else {
            return .refused("it is not signed")
        }
        guard let signers = signers(namedBy: callback.request.headers["X-Twilio-Webhooks-Signature-Settings"]) else {
            return .refused("its signature's settings name another algorithm, or a key that is not configured")
        }
        guard !signers.isEmpty else { return .refused("auth_token is not configured") }
        guard let form = Self.signedForm(of: callback) else {
            return .refused("its body is not what was signed")
        }
        let text = Array(given.utf8)
        let isGenuine = Self.spellings(of: callback.url).contains { url in
            let data = Self.data(url, form)
            return signers.contains { ConstantTime.equal(Base64.text(of: $0.authenticate(data)), text) }
        }
        return isGenuine ? .genuine : .refused("its signature does not hold")
    }

    // MARK: Who signs

    /// By the header's word, `key=<id>,algorithm=HMAC_SHA256`; without one it is the auth token. nil for what is not known
    /// here: nothing falls back to another algorithm.
    private func signers(namedBy header: String?) -> [HMACKey]? {
        var key: String?
        var algorithm = "HMAC_SHA1"
        for part in (header ?? "").split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1).map { $0.trimmed }
            guard pair.count == 2, !pair[1].isEmpty else { continue }
            if pair[0] == "key" { key = pair[1] }
            if pair[0] == "algorithm" { algorithm = pair[1].uppercased() }
        }
        switch algorithm {
        case "HMAC_SHA1": return authTokens.map { HMACKey(Array($0.value.utf8), hash: .sha1) }
        case "HMAC_SHA256":
            let secrets = key.map { sharedKeys[$0].map { [$0] } ?? [] } ?? Array(sharedKeys.values)
            return secrets.isEmpty ? nil : secrets.map { HMACKey(Array($0.value.utf8)) }
        default: return nil
        }
    }

    // MARK: What is signed

    /// The pairs that follow the URL; nil for a body that the signature cannot vouch for. Any other body than a form is
    /// signed by its hash, which the URL holds.
    private static func signedForm(of callback: Callback) -> [FormFields.Field]? {
        let request = callback.request
        if request.isOfType(FormBody.contentType) { return callback.form?.fields }
        if let hash = callback.query?["bodySHA256"] {
            guard let hash = Hex.decode(hash), ConstantTime.equal(hash, SHA256.hash(request.body)) else { return nil }
            return []
        }
        return request.body.isEmpty ? [] : nil
    }

    /// Names in the order of their bytes, which is that of Unicode, and of each name's values the distinct ones in theirs.
    private static func data(_ url: String, _ form: [FormFields.Field]) -> [UInt8] {
        var data = Array(url.utf8)
        var last: FormFields.Field?
        let sorted = form.sorted { left, right in
            left.name == right.name
                ? left.value.lexicographicallyPrecedes(right.value) : left.name.lexicographicallyPrecedes(right.name)
        }
        for field in sorted where field != last {
            data += field.name
            data += field.value
            last = field
        }
        return data
    }

    /// Without a port and with one: Twilio signs now this way, now that (its libraries try both as well).
    static func spellings(of url: String) -> [String] {
        guard let mark = url.range(of: "://") else { return [url] }
        let end = url[mark.upperBound...].firstIndex { "/?#".contains($0) } ?? url.endIndex
        let authority = url[mark.upperBound..<end]
        let digits = authority.utf8.reversed().prefix { (0x30...0x39).contains($0) }.count
        let host = authority.dropLast(digits)
        let hasPort = digits > 0 && host.last == ":"
        let port = url.hasPrefix("https:") ? "443" : "80"
        return [
            "\(url[..<mark.upperBound])\(hasPort ? host.dropLast() : authority)\(url[end...])",
            hasPort ? url : "\(url[..<end]):\(port)\(url[end...])",
        ]
    }
}

extension Substring {
    /// Without blanks at its ends.
    fileprivate var trimmed: String {
        let front = drop { $0 == " " || $0 == "\t" }
        return String(front.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
