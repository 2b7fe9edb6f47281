import Foundation
import Testing
import WaypostJSON

/// A file of the test target's resources.
func vectors(_ name: String) throws -> JSONValue {
    let url = try #require(Bundle.module.url(forResource: "Resources/\(name)", withExtension: "json"))
    return try JSONValue(parsing: Array(Data(contentsOf: url)))
}

extension JSONValue {
    /// A member that is text; a missing one fails the test.
    func text(_ name: String) throws -> String { try #require(self[name]?.string) }
}
