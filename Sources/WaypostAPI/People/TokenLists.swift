import WaypostCore
import WaypostJSON

/// The body of `POST /v1/topics/{topic}/subscribe` and `/unsubscribe`.
package enum TopicMembers: Equatable, Sendable {
    /// FCM's tokens.
    case tokens([String])
    /// All devices of these users.
    case users([String])

    /// In one call, as Firebase's own libraries have it.
    package static let count = 1...1000

    package static func decode(_ body: JSONValue) -> Result<TopicMembers, Problem> {
        FieldReader.read(body) { reader in
            switch (reader.take("tokens"), reader.take("users")) {
            case (let tokens?, nil): return .tokens(TokenList.read(tokens, named: "tokens", with: &reader))
            case (nil, let users?):
                var names: [String] = []
                reader.elements("users", of: users, count: count) { reader, step, element in
                    guard let text = reader.string(element, at: step) else { return }
                    if UserName(text) == nil { reader.complain(step, PathName.complaint) }
                    names.append(text)
                }
                return .users(names)
            case (nil, nil), (_?, _?):
                reader.complain(nil, "needs either tokens or users")
                return nil
            }
        }
    }

    /// `[a-zA-Z0-9-_.~%]{1,900}`, as FCM has it.
    static func isTopic(_ text: String) -> Bool {
        (1...900).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                switch $0 {
                case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                    UInt8(ascii: "~"), UInt8(ascii: "%"):
                    true
                default: false
                }
            }
    }
}

/// Tokens of FCM in an array.
package enum TokenList {
    /// The body of `POST /v1/devices/validate`.
    package static func decode(_ body: JSONValue) -> Result<[String], Problem> {
        FieldReader.read(body) { reader in
            reader.require("tokens").map { read($0, named: "tokens", with: &reader) }
        }
    }

    static func read(_ value: JSONValue, named name: String, with reader: inout FieldReader) -> [String] {
        var tokens: [String] = []
        reader.elements(name, of: value, count: TopicMembers.count) { reader, step, element in
            if let token = DeviceTokenField.fcm(element, at: step, with: &reader) { tokens.append(token) }
        }
        return tokens
    }
}

/// Names of users and devices as they stand in paths.
enum PathName {
    static let complaint = "must be 1 to 128 of A-Z, a-z, 0-9, . _ @ : and -"
}
