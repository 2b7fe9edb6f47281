import CResolv

/// What DNS says of the text records at a name.
package enum TextAnswer: Equatable, Sendable {
    case found([String])
    /// The name is there, or names below it are (RFC 8020), without a text record.
    case noText
    /// There is nothing at the name, nor below it.
    case noName
    /// Nobody answered, or not in a form that can be read.
    case unknown(String)

    /// The records, none where there are none; nil where it is not known.
    var texts: [String]? {
        switch self {
        case .found(let texts): texts
        case .noText, .noName: []
        case .unknown: nil
        }
    }
}

/// Whoever answers for DNS: libresolv, or a table in tests. Calls block.
package protocol Resolver: Sendable {
    func texts(at name: String) -> TextAnswer
}

/// `Resolver` by libresolv, which knows EDNS and goes over to TCP where an answer is too long for a datagram.
package struct SystemResolver: Resolver {
    /// In place of `/etc/resolv.conf`: an IPv4 address and a port.
    package struct Server: Sendable {
        package var address: String
        package var port: UInt16
        package init(address: String, port: UInt16) {
            self.address = address
            self.port = port
        }
    }
    private let server: Server?
    /// Of one question, in seconds.
    private let patience: Int32

    package init(server: Server? = nil, patience: Int32 = 2) {
        self.server = server
        self.patience = patience
    }

    package func texts(at name: String) -> TextAnswer {
        var answer = [UInt8](repeating: 0, count: 65_535)
        var failure: Int32 = 0
        let length = waypost_resolve(
            name, Int32(ns_t_txt.rawValue), patience, server?.address, server?.port ?? 53, &answer,
            Int32(answer.count), &failure)
        if length >= 0 {
            guard let texts = DNSMessage.texts(in: Array(answer.prefix(Int(length)))) else {
                return .unknown("the answer cannot be read")
            }
            return texts.isEmpty ? .noText : .found(texts)
        }
        switch failure {
        case HOST_NOT_FOUND: return .noName
        case NO_DATA: return .noText
        case TRY_AGAIN: return .unknown("no name server answered in time")
        default: return .unknown("the name server refused or failed")
        }
    }
}
