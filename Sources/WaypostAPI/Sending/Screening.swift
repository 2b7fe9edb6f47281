import WaypostCore
import WaypostDelivery
import WaypostPolicy
import WaypostServer

/// Where a message stands in the body that brought it.
struct MessagePlace {
    /// A JSON pointer to what it shares with others, or to itself.
    var shared = ""
    /// A JSON pointer to what is its alone.
    var own: String?

    /// The place of one in a batch, in the form that names whole messages or the other.
    static func inBatch(_ index: Int, ofMessages: Bool) -> MessagePlace {
        ofMessages ? MessagePlace(shared: "/messages/\(index)") : MessagePlace(own: "/recipients/\(index)")
    }

    /// Of something that was found in a draft's content, or in its variables.
    func pointer(to found: ContentScreen.Finding, _ ownVariables: Set<String>?) -> String {
        guard let ownVariables else { return "\(shared)/content\(found.pointer)" }
        let name = found.pointer.split(separator: "/").first.map(String.init) ?? ""
        if let own, ownVariables.contains(where: { name == JSONPointer.step($0) }) {
            return "\(own)/variables\(found.pointer)"
        }
        return "\(shared)/template/variables\(found.pointer)"
    }
}

extension Draft {
    /// The same as `policy.pii` has it: let be, with personal data masked, or refused. The recipients' own addresses are none.
    func screened(by pii: PII, at place: MessagePlace = MessagePlace()) -> Result<Draft, Problem> {
        let reaction = pii.reaction(to: type)
        guard reaction != .allow else { return .success(self) }
        let screen = screen(for: pii.detect)
        guard !screen.findings.isEmpty else { return .success(self) }
        guard reaction == .mask else { return .failure(Problem(rejected: findings(of: screen, at: place))) }
        var draft = self
        draft.content = screen.content
        draft.template = screen.template
        return .success(draft)
    }

    func screen(for kinds: [PII.Kind]) -> ContentScreen {
        let own = Set(deliveries.map { NormalizedAddress.of($0.address, on: channel) })
        return ContentScreen(content, template, kinds: kinds, own: own, isTemplated: ownVariables != nil)
    }

    /// What was found, by pointer and kind; never the value.
    func findings(of screen: ContentScreen, at place: MessagePlace = MessagePlace()) -> [Problem.Finding] {
        screen.findings.map { found in
            .init(place.pointer(to: found, ownVariables), "holds \(found.kind.words)", code: .contentRejected)
        }
    }
}

extension Problem {
    /// 422 `content_rejected`; `findings` is not empty.
    init(rejected findings: [Finding]) {
        self = Problem(findings) ?? Problem(.contentRejected, "The content holds personal data.")
    }
}
