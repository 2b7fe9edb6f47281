import Synchronization
import WaypostHTTP
import WaypostJSON

/// Which registrations follow which topics: FCM's `topicSubscriptions`, one registration a call.
final class TopicSubscriptions: Sendable {
    /// Registrations that are remembered; further ones are refused as a quota.
    private static let maximum = 100_000
    /// Of one app install.
    private static let maximumTopics = 2_000

    /// A call, as its path and method tell.
    struct Call: Equatable, Sendable {
        var method: String
        var registration: String
        /// Behind `topicSubscriptions/`.
        var topic: String?
        var query: [String: String]
    }

    private let project: String
    /// By registration: its topics and when each was subscribed to, in milliseconds since 1970.
    private let all = Mutex<[String: [String: Int64]]>([:])

    init(project: String) { self.project = project }

    func answer(_ call: Call, at wall: Int64) throws(FCMError) -> HTTPResponse {
        let fate = FCMMessageCheck.fate(of: call.registration)
        if let fate { throw fate }
        let mayBeMissing = call.query["allow_missing"] == "true"
        switch (call.method, call.topic) {
        case ("POST", nil):
            guard let topic = call.query["topic_name"], FCMMessageCheck.isTopic(topic) else {
                throw .invalid("topic_name must be a topic", field: "topic_name")
            }
            return try subscribe(call.registration, topic, isNew: true, at: wall)
        case ("PATCH", .some(let topic)):
            guard mayBeMissing || time(call.registration, topic) != nil else { throw Self.missing }
            return try subscribe(call.registration, topic, isNew: false, at: wall)
        case ("DELETE", .some(let topic)):
            let was = all.withLock { $0[call.registration]?.removeValue(forKey: topic) }
            guard was != nil || mayBeMissing else { throw Self.missing }
            return .json(200, Array("{}".utf8))
        case ("GET", .some(let topic)):
            guard let time = time(call.registration, topic) else { throw Self.missing }
            return .json(200, subscription(call.registration, topic, time).bytes)
        case ("GET", nil):
            let topics = all.withLock { $0[call.registration] ?? [:] }.sorted { $0.key < $1.key }
            let list = topics.map { subscription(call.registration, $0.key, $0.value) }
            return .json(200, JSONValue(dictionaryLiteral: ("topicSubscriptions", .array(list))).bytes)
        default: throw FCMError(404, "NOT_FOUND", "Requested entity was not found.")
        }
    }

    private static let missing = FCMError(404, "NOT_FOUND", "Requested entity was not found.")

    private func time(_ registration: String, _ topic: String) -> Int64? {
        all.withLock { $0[registration]?[topic] }
    }

    private func subscribe(
        _ registration: String, _ topic: String, isNew: Bool, at wall: Int64
    ) throws(FCMError) -> HTTPResponse {
        let time = all.withLock { all -> Result<Int64, FCMError> in
            if let time = all[registration]?[topic] {
                return isNew
                    ? .failure(FCMError(409, "ALREADY_EXISTS", "Requested entity already exists")) : .success(time)
            }
            guard all[registration] != nil || all.count < Self.maximum,
                all[registration, default: [:]].count < Self.maximumTopics
            else { return .failure(FCMError(429, "RESOURCE_EXHAUSTED", "Quota exceeded")) }
            all[registration, default: [:]][topic] = wall
            return .success(wall)
        }
        return .json(200, subscription(registration, topic, try time.get()).bytes)
    }

    private func subscription(_ registration: String, _ topic: String, _ wall: Int64) -> JSONValue {
        [
            "name": .string("projects/\(project)/registrations/\(registration)/topicSubscriptions/\(topic)"),
            "topic_name": .string(topic), "create_time": .string(WallClock.text(wall)),
        ]
    }
}
