import WaypostCore
import WaypostJSON

/// Where a message's recipients stand in the body of its request, for complaints about one of them.
struct RecipientPlaces: Sendable {
    /// The JSON pointers of what holds `to`, and of what holds `content`; nil: the body does not name the recipients.
    private let roots: (to: String, content: String)?
    private let isArray: (to: Bool, cc: Bool, bcc: Bool)

    /// A whole message at `root`.
    init(message: JSONValue?, at root: String = "") {
        self.init(to: message, at: root, content: message, at: root)
    }

    /// One of a batch's recipients, who share a content that stands beside their list.
    init(recipient: JSONValue?, at root: String, of body: JSONValue) {
        self.init(to: recipient, at: root, content: body, at: "")
    }

    private init(to: JSONValue?, at toRoot: String, content: JSONValue?, at contentRoot: String) {
        roots = (toRoot, contentRoot)
        func isArray(_ value: JSONValue?) -> Bool { value?.array != nil }
        let copies = content?["content"]
        self.isArray = (isArray(to?["to"]), isArray(copies?["cc"]), isArray(copies?["bcc"]))
    }

    private init() {
        roots = nil
        isArray = (false, false, false)
    }

    /// A request without a body of its own.
    static let unnamed = RecipientPlaces()

    /// Of one delivery among all of its message, in order of their ordinals.
    func pointer(to ordinal: Int, of deliveries: [Delivery]) -> String {
        guard let roots, let delivery = deliveries.first(where: { $0.ordinal == ordinal }) else { return "" }
        let index = deliveries.filter { $0.role == delivery.role && $0.ordinal < ordinal }.count
        switch delivery.role {
        case .to: return roots.to + "/to" + (isArray.to ? "/\(index)" : "")
        case .cc: return roots.content + "/content/cc" + (isArray.cc ? "/\(index)" : "")
        case .bcc: return roots.content + "/content/bcc" + (isArray.bcc ? "/\(index)" : "")
        }
    }
}
