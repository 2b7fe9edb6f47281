import WaypostConfiguration
import WaypostJSON

/// The keys of an entry of kind `fcm`: what a Google service account's JSON file holds, and where to go with it.
package struct FCMAccount: Sendable {
    package var projectID: String
    package var clientEmail: String
    package var privateKeyID: String
    /// PKCS#8 PEM.
    package var privateKey: Secret
    package var tokenURL: String
    /// Without a slash at its end.
    package var baseURL: String

    init?(reading section: inout SectionReader) {
        let file = section.requiredSecret("service_account", multiline: true)
        let tokenURL = section.url("token_url")
        baseURL = section.url("base_url") ?? "https://fcm.googleapis.com"
        guard let file else { return nil }
        guard let json = try? JSONValue(parsing: Array(file.value.utf8)), json.members != nil else {
            section.complain(
                "service_account", "is not a service account's JSON", wayOut: "write file: and the path of the file")
            return nil
        }
        let needed = ["project_id", "client_email", "private_key_id", "private_key"]
        let values = needed.map { json[$0]?.string ?? "" }
        let missing = zip(needed, values).filter(\.1.isEmpty).map(\.0)
        guard missing.isEmpty else {
            section.complain(
                "service_account", "lacks \(missing.joined(separator: ", "))",
                wayOut: "download the key again from Google's console")
            return nil
        }
        guard values[3].contains("-----BEGIN PRIVATE KEY-----") else {
            section.complain(
                "service_account", "has a private_key that is not PEM",
                wayOut: "download the key again from Google's console")
            return nil
        }
        guard let tokenURL = tokenURL ?? json["token_uri"]?.string else {
            section.complain("token_url", "is missing, and the service account has no token_uri", wayOut: "add it")
            return nil
        }
        projectID = values[0]
        clientEmail = values[1]
        privateKeyID = values[2]
        privateKey = Secret(values[3])
        self.tokenURL = tokenURL
    }
}
