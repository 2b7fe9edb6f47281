/// One thing that is wrong in the configuration file: where, what, and the way out.
///
/// Nothing in it shows a credential: values of secret keys are never quoted.
package struct ConfigurationProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file's name as the operator gave it.
    package var file: String
    /// From 1; nil where no line is to blame (the file cannot be read, a change that needs a restart).
    package var line: Int?
    /// The key with its sections: `providers.sendgrid.api_key`, `auth.keys[0].token`; empty for the file as a whole.
    package var path: String
    /// What is wrong, worded to follow the path: `"10 s" is not a duration`.
    package var complaint: String
    /// What to do about it: `write 500ms, 10s, 5m, 24h or 7d`.
    package var wayOut: String?

    package init(
        file: String = "waypost.yaml", line: Int? = nil, path: String = "", complaint: String, wayOut: String? = nil
    ) {
        self.file = file
        self.line = line
        self.path = path
        self.complaint = complaint
        self.wayOut = wayOut
    }

    /// One line in the form editors jump to: `waypost.yaml:12: providers.sendgrid.timeout: … ; …`.
    package var description: String {
        var text = file
        if let line { text += ":\(line)" }
        if !path.isEmpty { text += ": \(path)" }
        text += ": \(complaint)"
        if let wayOut { text += "; \(wayOut)" }
        return text
    }
}

/// All that is wrong in a configuration file, by line: an operator mends it in one go.
package struct ConfigurationProblems: Error, Equatable, Sendable, CustomStringConvertible {
    /// Never empty; by line, those without one first.
    package let problems: [ConfigurationProblem]

    package init(_ problems: [ConfigurationProblem]) {
        self.problems = problems.enumerated()
            .sorted { ($0.element.line ?? 0, $0.offset) < ($1.element.line ?? 0, $1.offset) }
            .map(\.element)
    }

    /// A line for each problem.
    package var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// Gathers problems while one file is read. Shared by the readers of all its sections.
final class ProblemLog {
    let file: String
    private(set) var problems: [ConfigurationProblem] = []

    init(file: String) { self.file = file }

    /// The same problem found twice is kept once: a section may be read again with other defaults.
    func add(line: Int?, path: String, _ complaint: String, wayOut: String?) {
        let problem = ConfigurationProblem(file: file, line: line, path: path, complaint: complaint, wayOut: wayOut)
        if !problems.contains(problem) { problems.append(problem) }
    }
}
