import WaypostCore
import WaypostJSON

/// Our ids in what an app receives. Push services keep no id of ours, so they go into the data, under the same names at
/// all of them: an app that gets a message twice can tell.
enum PushIdentifiers {
    static let message = "waypost_message"
    static let attempt = "waypost_attempt"

    static func members(_ message: MessageID, _ attempt: AttemptID) -> [JSONValue.Member] {
        [.init(Self.message, .string("\(message)")), .init(Self.attempt, .string("\(attempt)"))]
    }

    /// Stands for the attempt's where only its length counts.
    static let anyAttempt = AttemptID(ULID(high: 0, low: 0))
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

extension Redaction {
    /// `sentence` for services that repeat device tokens: a long run of a token's letters becomes `<token>`.
    func sentenceWithoutTokens(_ prefix: String, _ text: String?) -> String {
        sentence(prefix, text.map(Self.withoutTokens))
    }

    /// Shorter than any token, longer than any word that a person would miss.
    private static let shortestToken = 32

    private static func withoutTokens(_ text: String) -> String {
        var clean: [UInt8] = []
        var run: [UInt8] = []
        func endRun() {
            clean.append(contentsOf: run.count < shortestToken ? run : Array("<token>".utf8))
            run.removeAll(keepingCapacity: true)
        }
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: ":"):
                run.append(byte)
            default:
                endRun()
                clean.append(byte)
            }
        }
        endRun()
        return String(decoding: clean, as: UTF8.self)
    }
}

/// A service's word for a case, `UNREGISTERED` or `BadDeviceToken`; nil for what is no word and might say too much.
func codeWord(_ text: String?) -> String? {
    guard let text, (1...60).contains(text.utf8.count),
        text.utf8.allSatisfy({
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F
        })
    else { return nil }
    return text
}
