import WaypostJSON

/// Checks the body of `POST /calls` at `voice.messagebird.com`.
///
/// https://github.com/messagebird/go-rest-api (voice)
struct MessageBirdCallCheck {
    private(set) var shape = Shape()
    private(set) var take = Take(recipients: [])

    mutating func check(_ body: JSONValue) {
        // Its own clients write the name in both ways.
        let flow = body["callflow"] ?? body["callFlow"]
        let allowed = ["source", "destination", "callflow", "callFlow", "webhook"]
        guard shape.object(body, "the body", allowed: allowed) != nil else { return }
        take.read(callback: body["webhook"]?["url"]?.string)
        for name in ["source", "destination"] {
            guard let number = shape.string(body[name], name, required: true) else { continue }
            if name == "destination" { take.recipients = ["+\(number)"] }
            if !number.isMSISDN { shape.complain(name, "must be a number with its country code and no +") }
        }
        callFlow(flow)
        guard shape.object(body["webhook"], "webhook", allowed: ["url", "token"], required: false) != nil else {
            return
        }
        shape.webAddress(body["webhook"]?["url"], "webhook.url", required: true)
        _ = shape.string(body["webhook"]?["token"], "webhook.token")
    }

    private mutating func callFlow(_ flow: JSONValue?) {
        let allowed = ["id", "title", "record", "steps", "default"]
        guard shape.object(flow, "callflow", allowed: allowed) != nil else { return }
        _ = shape.string(flow?["title"], "callflow.title", 1...255)
        _ = shape.boolean(flow?["record"], "callflow.record")
        let steps = shape.array(flow?["steps"], "callflow.steps", 1...100, required: true) ?? []
        for (index, step) in steps.enumerated() { self.step(step, "callflow.steps.\(index)") }
    }

    private mutating func step(_ step: JSONValue, _ path: String) {
        let allowed = [
            "id", "action", "options", "conditions", "onKeypressGoto", "onKeypressVar", "endKey", "maxNumKeys",
        ]
        guard shape.object(step, path, allowed: allowed) != nil else { return }
        let actions = ["say", "play", "pause", "transfer", "record", "hangup", "sendKeys", "fetchCallFlow"]
        shape.word(step["action"], "\(path).action", of: actions, required: true)
        let action = step["action"]?.string
        let options = step["options"]
        guard action == "say" else {
            _ = shape.object(options, "\(path).options", allowed: nil, required: action != "hangup")
            return
        }
        let names = ["payload", "language", "voice", "repeat", "ifMachine", "machineTimeout", "loop"]
        guard shape.object(options, "\(path).options", allowed: names) != nil else { return }
        _ = shape.string(options?["payload"], "\(path).options.payload", 1...1_000, required: true)
        shape.language(options?["language"], "\(path).options.language")
        shape.word(options?["voice"], "\(path).options.voice", of: ["male", "female"])
        shape.integer(options?["repeat"], "\(path).options.repeat", in: 1...10)
        shape.word(options?["ifMachine"], "\(path).options.ifMachine", of: ["continue", "delay", "hangup"])
        shape.integer(options?["machineTimeout"], "\(path).options.machineTimeout", in: 400...10_000)
        _ = shape.boolean(options?["loop"], "\(path).options.loop")
    }
}
