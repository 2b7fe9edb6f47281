import Synchronization
import WaypostConfiguration
import WaypostCore
import WaypostCrypto
import WaypostHTTP

/// Signs requests with one set of AWS credentials. The key of the day is derived once, so a request costs one HMAC.
package final class AWSSigner: Sendable, CustomReflectable {
    private let accessKeyID: String
    private let secretAccessKey: Secret
    private let sessionToken: Secret?
    private let scope: AWSSignature.Scope
    private let current = Mutex<DayKey?>(nil)

    private struct DayKey {
        let date: String
        let key: HMACKey
    }

    package init(accessKeyID: String, secretAccessKey: Secret, sessionToken: Secret?, scope: AWSSignature.Scope) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.scope = scope
    }

    /// Adds `X-Amz-Date`, `X-Amz-Security-Token` where credentials are temporary, and `Authorization`. Headers added
    /// afterwards are not covered.
    package func sign(_ request: inout HTTPRequest, at time: Timestamp) {
        let moment = AWSSignature.moment(time)
        request.headers.add("X-Amz-Date", moment)
        if let sessionToken { request.headers.add("X-Amz-Security-Token", sessionToken.value) }

        let (canonical, signedHeaders) = AWSSignature.canonicalRequest(request)
        let text = AWSSignature.stringToSign(canonical, at: moment, in: scope)
        let date = AWSSignature.date(of: moment)
        let signature = Hex.encode(key(on: date).authenticate(text))
        request.headers.add(
            "Authorization",
            "AWS4-HMAC-SHA256 Credential=\(accessKeyID)/\(scope.credential(on: date)), "
                + "SignedHeaders=\(signedHeaders), Signature=\(signature)")
    }

    private func key(on date: String) -> HMACKey {
        if let key = current.withLock({ $0?.date == date ? $0?.key : nil }) { return key }
        // Two threads may derive it at once around midnight; they come to the same key.
        let key = HMACKey(AWSSignature.signingKey(secret: secretAccessKey.value, date: date, scope: scope))
        current.withLock { $0 = DayKey(date: date, key: key) }
        return key
    }

    package var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID, "scope": scope]) }
}
