import Foundation
import Testing

@testable import WaypostSandbox

/// The providers' own Python clients against the stand-ins: what they send passes, and what they read they understand.
/// Skipped where `python3` (or the interpreter that WAYPOST_TEST_PYTHON names) does not have them.
@Suite struct OfficialClientTests {
    @Test(.enabled(if: Python.has("twilio"))) func `Twilio's client finds Twilio`() throws {
        try withSandbox { sandbox in
            let account = sandbox.settings.twilio
            let sids = try Python.run("twilio_client", sandbox.twilioURL, account.accountSID, account.authToken)
            let taken = sandbox.journal.entries().filter(\.isTaken)
            #expect(taken.map(\.reference) == sids)
            #expect(taken.map(\.message) == ["msg_1", "msg_2"] && taken.map(\.attempt) == ["att_1", "att_2"])
        }
    }

    @Test(.enabled(if: Python.has("messagebird"))) func `MessageBird's client finds MessageBird`() throws {
        try withSandbox { sandbox in
            let ids = try Python.run("messagebird_client", sandbox.messageBirdURL, sandbox.settings.messageBirdKey)
            let taken = sandbox.journal.entries().filter(\.isTaken)
            #expect(taken.map(\.reference) == ids)
            #expect(taken.map(\.message) == ["msg_1", "msg_2", "msg_3", "msg_4"])
            #expect(taken.map(\.recipients) == [2, 1, 1, 1])
        }
    }
}

/// A Python interpreter, where there is one.
enum Python {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    static func has(_ module: String) -> Bool { (try? output(["-c", "import \(module)"])) != nil }

    /// Runs a script of the resources; returns the lines it printed.
    static func run(_ script: String, _ arguments: String...) throws -> [String] {
        let url = try #require(Bundle.module.url(forResource: "Resources/\(script)", withExtension: "py"))
        return try output([url.path] + arguments).split(separator: "\n").map(String.init)
    }

    /// The same, with something to read on standard input.
    static func run(_ script: String, input: [UInt8]) throws -> [String] {
        let url = try #require(Bundle.module.url(forResource: "Resources/\(script)", withExtension: "py"))
        return try output([url.path], input: input).split(separator: "\n").map(String.init)
    }

    private static func output(_ arguments: [String], input: [UInt8]? = nil) throws -> String {
        let process = Process()
        let output = Pipe()
        let given = Pipe()
        if input != nil { process.standardInput = given }
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            [ProcessInfo.processInfo.environment["WAYPOST_TEST_PYTHON"] ?? "python3"] + arguments
        process.standardOutput = output
        process.standardError = input == nil ? output : Pipe()
        try process.run()
        if let input {
            // Python reads all before it writes anything, so neither side waits for the other.
            given.fileHandleForWriting.write(Data(input))
            try given.fileHandleForWriting.close()
        }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(description: text) }
        return text
    }
}
