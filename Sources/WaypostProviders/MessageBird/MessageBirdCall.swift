import WaypostCore
import WaypostJSON

/// A spoken message: the body of `POST /voicemessages`, or of `POST /calls` where the call is recorded, which only a call
/// flow can be.
///
/// How long it may ring, the channels of a recording and who is told of a machine meanwhile are hints that MessageBird has
/// no words for.
struct MessageBirdCall {
    let call: Voice
    let originator: MessageBird.Originator
    let name: ProviderName
    let context: AttemptContext

    static func objection(to call: Voice, from originator: MessageBird.Originator) -> String? {
        guard case .say = call.script else { return "MessageBird speaks a text, and takes no TwiML" }
        if call.record, !originator.isNumber { return "MessageBird records only calls that come from a number" }
        return nil
    }

    var isCallFlow: Bool { call.record }

    var voiceMessage: [UInt8] {
        var json = JSONWriter(capacity: 512)
        json.object { json in
            json.array("recipients") { json in json.element(String(call.to.digits)) }
            json.member("body", said.text)
            if originator.isNumber { json.member("originator", originator.text) }
            json.member("reference", plain: context.message.id.bytes)
            json.member("language", (said.language ?? "en-GB").lowercased())
            json.member("ifMachine", ifPresent: ifMachine)
            json.member("reportUrl", context.callbackURL(name, "voice"))
        }
        return json.bytes
    }

    var callFlow: [UInt8] {
        var json = JSONWriter(capacity: 512)
        json.object { json in
            json.member("source", originator.text)
            json.member("destination", String(call.to.digits))
            json.object("callflow") { json in
                json.member("title", plain: context.message.id.bytes)
                json.member("record", true)  // the whole call; a step of that name takes down the callee alone
                json.array("steps") { json in
                    json.object { json in
                        json.member("action", "say")
                        json.object("options") { json in
                            json.member("payload", said.text)
                            json.member("language", Self.cased(said.language ?? "en-GB"))
                            json.member("voice", "female")
                            json.member("ifMachine", ifPresent: ifMachine)
                        }
                    }
                }
            }
            json.object("webhook") { json in json.member("url", context.callbackURL(name, "voice")) }
        }
        return json.bytes
    }

    private var said: (text: String, language: String?) {
        if case .say(let text, let language) = call.script { (text, language) } else { ("", nil) }
    }

    /// A machine's greeting is waited for, so that the message is heard in either case.
    private var ifMachine: String? { call.machineDetection == nil ? nil : "delay" }

    /// `en-GB`, `en-GB-WLS`: the language in small letters, what follows in capitals.
    private static func cased(_ language: String) -> String {
        let parts = language.split(separator: "-")
        return ([parts.first?.lowercased() ?? ""] + parts.dropFirst().map { $0.uppercased() }).joined(separator: "-")
    }
}
