/// Listening sockets that were opened for this process by whoever started it: descriptors from 3 on, of which the environment
/// tells (sd_listen_fds(3)).
package struct PassedSockets: Equatable, Sendable {
    /// In place of `server.listen`; the socket's name is `listen`.
    package var listen: Int32?
    /// In place of `server.operations_listen`; the socket's name is `operations`.
    package var operations: Int32?

    /// Why what was passed cannot be used, in a sentence for an operator.
    package struct Refusal: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    private static let firstDescriptor: Int32 = 3
    private static let names = ["listen", "operations"]

    package init(listen: Int32? = nil, operations: Int32? = nil) {
        self.listen = listen
        self.operations = operations
    }

    /// `process` is our own id: variables that were meant for another are of no concern.
    package init(environment: [String: String], process: Int32) throws(Refusal) {
        guard environment["LISTEN_PID"].flatMap({ Int32($0) }) == process, let count = environment["LISTEN_FDS"] else {
            return
        }
        guard let count = Int(count), count >= 0, count <= Self.names.count else {
            throw Refusal(
                description:
                    "LISTEN_FDS=\(count): sockets for server.listen and server.operations_listen are all it takes")
        }
        let given = environment["LISTEN_FDNAMES"].map {
            $0.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        }
        for (name, descriptor) in zip(given ?? Self.names, Self.firstDescriptor..<Self.firstDescriptor + Int32(count)) {
            switch name {
            case "listen" where listen == nil: listen = descriptor
            case "operations" where operations == nil: operations = descriptor
            case "listen", "operations":
                throw Refusal(
                    description: "two sockets were passed by the name \(name); it listens on one of each name")
            default:
                throw Refusal(
                    description: "a socket was passed by the name \"\(name)\";"
                        + " set FileDescriptorName= in the socket unit to listen or operations")
            }
        }
    }
}
