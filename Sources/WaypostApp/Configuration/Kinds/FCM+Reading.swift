import WaypostConfiguration
import WaypostCrypto
import WaypostJSON
import WaypostProviders

extension FCM.Settings {
    /// The keys of an entry of kind `fcm`: a Google service account's JSON file, and where to go with it.
    init?(reading section: inout SectionReader) {
        let file = section.requiredSecret("service_account", multiline: true)
        let tokenURL = section.url("token_url")
        let baseURL = section.url("base_url")
        guard let file, let account = ServiceAccount(file.value, in: section),
            let tokenURL = tokenURL ?? account.tokenURL(in: section)
        else { return nil }
        self.init(
            projectID: account.projectID, clientEmail: account.clientEmail, privateKeyID: account.privateKeyID,
            key: account.key, tokenURL: tokenURL)
        if let baseURL { self.baseURL = baseURL }
    }
}

/// What Google's file says. Nothing of it is quoted in a complaint.
private struct ServiceAccount {
    let projectID: String
    let clientEmail: String
    let privateKeyID: String
    let key: SigningKey
    private let tokenURI: String?

    private static let wayOut = "download the key again from Google's console"

    init?(_ text: String, in section: SectionReader) {
        func complain(_ complaint: String, wayOut: String = Self.wayOut) {
            section.complain("service_account", complaint, wayOut: wayOut)
        }
        guard let json = try? JSONValue(parsing: Array(text.utf8)), json.members != nil else {
            complain("is not a service account's JSON", wayOut: "write file: and the path of the file")
            return nil
        }
        let needed = ["project_id", "client_email", "private_key_id", "private_key"]
        let values = needed.map { json[$0]?.string ?? "" }
        let missing = zip(needed, values).filter(\.1.isEmpty).map(\.0)
        guard missing.isEmpty else {
            complain("lacks \(missing.joined(separator: ", "))")
            return nil
        }
        guard Self.isProject(values[0]) else {
            complain("has a project_id that is none")
            return nil
        }
        do throws(KeyFlaw) {
            key = try SigningKey(pem: values[3], algorithm: .rs256)
        } catch {
            complain("has a private_key that \(error.complaint)")
            return nil
        }
        projectID = values[0]
        clientEmail = values[1]
        privateKeyID = values[2]
        tokenURI = json["token_uri"]?.string
    }

    func tokenURL(in section: SectionReader) -> String? {
        if let url = tokenURI.flatMap(ServiceURL.init), ["https", "http"].contains(url.scheme), url.user == nil {
            return url.text
        }
        section.complain("token_url", "is missing, and the service account has no token_uri", wayOut: "add it")
        return nil
    }

    /// It becomes part of a path; some are `example.com:project`.
    private static func isProject(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"): true
            default: false
            }
        }
    }
}
