import ArgumentParser
import Foundation

extension ParsableCommand {
    /// Runs the program. What is wrong with its arguments is said in one line on standard error, which names the complaint and
    /// where to read on; help and the version go to standard output as ever.
    package static func runOrComplain() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            guard let complaint = OneLineError.text(fullMessage(for: error), of: _commandName),
                exitCode(for: error) == .validationFailure
            else { exit(withError: error) }
            FileHandle.standardError.write(Data((complaint + "\n").utf8))
            exit(withError: ExitCode.validationFailure)
        }
    }
}

/// What ArgumentParser says of a mistake in several lines, in one.
package enum OneLineError {
    /// `Error: <complaint, perhaps with a list>`, then what helps: `Help:`, `Usage:`, `  See '… --help' for more information.`
    /// nil: it is not of that form.
    package static func text(_ full: String, of program: String) -> String? {
        let lines = full.split(separator: "\n", omittingEmptySubsequences: true)
        guard let first = lines.first, first.hasPrefix("Error: ") else { return nil }
        let end = lines.firstIndex { $0.hasPrefix("Help:") || $0.hasPrefix("Usage:") } ?? lines.count
        let words = lines[1..<end].map { $0.drop { $0 == " " } }
        let list = words.filter { $0.hasPrefix("- ") }.map { $0.dropFirst(2) }.joined(separator: ", ")
        let rest = words.filter { !$0.hasPrefix("- ") }
        let complaint = ([first.dropFirst("Error: ".count)] + rest + (list.isEmpty ? [] : [Substring(list)]))
            .joined(separator: " ")
        let isEnded = complaint.hasSuffix(".") || complaint.hasSuffix(":")
        let see = lines[end...].first { $0.contains("See '") }.flatMap { line -> Substring? in
            guard let start = line.firstIndex(of: "'"), let stop = line.lastIndex(of: "'"), start < stop else {
                return nil
            }
            return line[start...stop]
        }
        return "\(program): \(complaint)\(isEnded ? "" : ".")" + (see.map { " See \($0)." } ?? "")
    }
}
