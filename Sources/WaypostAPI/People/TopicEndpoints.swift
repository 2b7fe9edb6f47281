import WaypostCore
import WaypostDelivery
import WaypostHTTP
import WaypostProviders
import WaypostServer
import WaypostStore

/// Topics at FCM, and which tokens are alive there.
extension API {
    func subscribeTopic(_ call: Call, ending: Bool) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let topic = call.parameters["topic"] ?? ""
            guard TopicMembers.isTopic(topic) else {
                throw Problem(.invalid, "The topic in the path must be 1 to 900 of A-Z, a-z, 0-9, - _ . ~ and %.")
            }
            let members = try TopicMembers.decode(try RequestBody.json(of: call.request)).unwrap()
            let errand = TopicErrand(topic: topic, ending: ending, directory: try directory())
            switch members {
            case .tokens(let tokens):
                let members = tokens.map { TopicBody.Member(.token($0), token: $0) }
                return .later { [self] reply in run(errand, members, call, reply) }
            case .users(let users):
                return .later { [self] reply in findMembers(of: errand, users, call, reply) }
            }
        }
    }

    /// One call about a topic.
    private struct TopicErrand: Sendable {
        var topic: String
        var ending: Bool
        var directory: any PushDirectory
    }

    private func findMembers(of errand: TopicErrand, _ users: [String], _ call: Call, _ reply: Reply) {
        onReader(call, reply) { [self] in
            let targets = try services.people.targets(ofUsers: users, at: call.now)
            let members = users.flatMap { TopicBody.members(of: $0, targets[$0] ?? []) }
            guard members.count <= TopicMembers.count.upperBound else {
                let detail = "have \(members.count) devices together; at most \(TopicMembers.count.upperBound) a call"
                return reply.send(
                    Problem(.invalid, "The users \(detail).", errors: [.init("/users", detail)]), call)
            }
            run(errand, members, call, reply)
        }
    }

    private func run(_ errand: TopicErrand, _ members: [TopicBody.Member], _ call: Call, _ reply: Reply) {
        let tokens = members.compactMap(\.token)
        services.errands.subscribe(tokens, to: errand.topic, ending: errand.ending, at: errand.directory) {
            [self] failures in
            let dead = zip(tokens, failures).filter { $0.1?.kind == .refusedRecipient }.map(\.0)
            forget(dead, call) {
                reply.send(.json(TopicBody.bytes(TopicBody.lines(of: members, failures), ending: errand.ending)))
            }
        }
    }

    func validateDevices(_ call: Call) -> Answer {
        answering(call) { () throws(Problem) -> Answer in
            try refuseQuery(call)
            let tokens = try TokenList.decode(try RequestBody.json(of: call.request)).unwrap()
            let directory = try directory()
            return .later { [self] reply in
                services.errands.validate(tokens, at: directory) { [self] validities in
                    let results = zip(tokens, validities).map { (token: $0, validity: $1) }
                    let dead = results.filter { if case .dead = $0.validity { true } else { false } }.map(\.token)
                    forget(dead, call) { reply.send(.json(ValidityBody.bytes(results))) }
                }
            }
        }
    }

    /// Removes dead tokens from the registry where no app has reported them since the call began. The answer tells of what
    /// the service said, so it goes out either way.
    private func forget(_ dead: [String], _ call: Call, then: @escaping @Sendable () -> Void) {
        guard !dead.isEmpty else { return then() }
        services.commits.submit("people", .refuse) { session in
            for token in dead { try session.forgetToken(token, unlessSeenSince: call.now) }
        } then: { [self] result in
            if case .failure(let error) = result {
                services.log.warning(
                    "dead tokens were not removed",
                    metadata: ["request_id": "\(call.requestID)", "count": "\(dead.count)", "error": "\(error.detail)"])
            }
            then()
        }
    }

    private func directory() throws(Problem) -> any PushDirectory {
        if let directory = services.errands.directory { return directory }
        let complaint = "no provider of routes.push can be asked about tokens and topics; a provider of kind fcm can"
        throw Problem(.noRoute, "This cannot be asked: \(complaint).", errors: [.init("", complaint, code: .noRoute)])
    }
}
