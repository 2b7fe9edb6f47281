import WaypostCore

/// Looks for personal data in all that a message says.
package struct ContentScreen {
    /// A kind of personal data, and where it stands.
    package struct Finding: Equatable, Sendable {
        /// A JSON pointer below `content`, or below the template's variables.
        package var pointer: String
        package var kind: PII.Kind
    }

    package let findings: [Finding]
    /// What is left when each find is masked.
    package let content: Content
    package let template: AppliedTemplate?

    /// - Parameters:
    ///   - own: normal forms of the recipients' addresses, which are no findings.
    ///   - isTemplated: the content was made from a template. Then the variables are searched, and what they hold is masked in
    ///     the content too; what the template itself says is let be.
    package init(
        _ content: Content, _ template: AppliedTemplate?, kinds: [PII.Kind], own: Set<String> = [],
        isTemplated: Bool = false
    ) {
        let finder = PIIFinder(kinds, own: own)
        var findings: [Finding] = []
        var texts: Set<String> = []
        var template = template
        if let variables = template?.variables {
            template?.variables = variables.changingTexts { pointer, text in
                let (kinds, masked) = finder.masked(text)
                guard !kinds.isEmpty else { return text }
                texts.formUnion(finder.texts(in: text))
                if isTemplated { findings += kinds.map { Finding(pointer: pointer, kind: $0) } }
                return masked
            }
        }
        var content = content
        content.changeTexts { pointer, text in
            let (kinds, masked) = finder.masked(text, only: isTemplated ? texts : nil)
            if !isTemplated { findings += kinds.map { Finding(pointer: pointer, kind: $0) } }
            return masked
        }
        self.findings = findings
        self.content = content
        self.template = template
    }
}
