import WaypostJSON

/// The Google service account that the sandbox made up, and its key.
struct ServiceAccount: Sendable {
    let project: String
    let key: PrivateKey

    static let keyID = "0123456789abcdef0123456789abcdef01234567"

    init(project: String) throws(TLSFailure) {
        self.project = project
        key = try PrivateKey.sharedRSA.get()
    }

    var email: String { "waypost@\(project).iam.gserviceaccount.com" }

    /// The file that Google would hand out, with the stand-in's own address for tokens.
    func json(tokenURL: String) throws(TLSFailure) -> String {
        let privateKey = try key.pem()
        var json = JSONWriter(capacity: 4_096)
        json.object { json in
            json.member("type", "service_account")
            json.member("project_id", project)
            json.member("private_key_id", Self.keyID)
            json.member("private_key", privateKey)
            json.member("client_email", email)
            json.member("client_id", "100000000000000000001")
            json.member("auth_uri", "https://accounts.google.com/o/oauth2/auth")
            json.member("token_uri", tokenURL)
            json.member("universe_domain", "googleapis.com")
        }
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
