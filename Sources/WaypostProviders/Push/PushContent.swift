import WaypostCore
import WaypostJSON

/// Our ids in what an app receives. Push services keep no id of ours, so they go into the data, under the same names at
/// all of them: an app that gets a message twice can tell. They are left out where the client's own payload leaves no room
/// for them: then the tag and the collapse id carry the message's alone.
enum PushIdentifiers {
    static let message = "waypost_message"
    static let attempt = "waypost_attempt"

    static func members(_ message: MessageID, _ attempt: AttemptID) -> [JSONValue.Member] {
        [.init(Self.message, .string("\(message)")), .init(Self.attempt, .string("\(attempt)"))]
    }
}

extension Push {
    /// What a later notification of the same id replaces on the device: after an attempt of which nobody knows, a repeat
    /// by this or the other service is shown once.
    func collapseID(of message: MessageID) -> String { collapseID ?? "\(message)" }
}

extension Message {
    /// Push services keep no templates, so one without words of ours says nothing there.
    var lacksWordsOfOurs: Bool { template?.hasText == false }
}
