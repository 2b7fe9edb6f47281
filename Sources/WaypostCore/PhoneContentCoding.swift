import WaypostJSON

/// How texts and calls are kept; see `Content.encoded`.
extension SMS {
    func write(to json: inout JSONWriter) {
        json.member("to", to.text)
        json.member("from", ifPresent: from)
        json.member("text", text)
        json.strings("media", mediaURLs)
        json.member("validity", ifPresent: validity)
        json.member("smart", ifPresent: smartEncoded)
        json.member("mms", ifPresent: sendAsMMS)
    }

    init(stored members: [JSONValue.Member]) throws(StoredFormError) {
        self.init(to: try PhoneNumber(storedIn: members), text: "")
        for member in members {
            let value = member.value
            switch member.name {
            case "from": from = try value.storedText("from")
            case "text": text = try value.storedText("text")
            case "media": mediaURLs = try value.storedTexts("media")
            case "validity": validity = try value.storedDuration("validity")
            case "smart": smartEncoded = try value.storedFlag("smart")
            case "mms": sendAsMMS = try value.storedFlag("mms")
            default: break
            }
        }
    }
}

extension WhatsApp {
    func write(to json: inout JSONWriter) {
        json.member("to", to.text)
        json.member("from", ifPresent: from)
        if !text.isEmpty { json.member("text", text) }
        json.strings("media", mediaURLs)
        json.member("validity", ifPresent: validity)
        if let template {
            json.object("template") { json in
                json.member("name", template.name)
                json.member("language", template.language)
                json.pairs("variables", template.variables)
            }
        }
    }

    init(stored members: [JSONValue.Member]) throws(StoredFormError) {
        self.init(to: try PhoneNumber(storedIn: members))
        for member in members {
            let value = member.value
            switch member.name {
            case "from": from = try value.storedText("from")
            case "text": text = try value.storedText("text")
            case "media": mediaURLs = try value.storedTexts("media")
            case "validity": validity = try value.storedDuration("validity")
            case "template": template = try Template(stored: value)
            default: break
            }
        }
    }
}

extension WhatsApp.Template {
    fileprivate init(stored value: JSONValue) throws(StoredFormError) {
        self.init(name: "", language: "")
        for member in try value.storedObject("template") {
            switch member.name {
            case "name": name = try member.value.storedText("name")
            case "language": language = try member.value.storedText("language")
            case "variables": variables = try member.value.storedPairs("variables")
            default: break
            }
        }
    }
}

extension Voice {
    func write(to json: inout JSONWriter) {
        json.member("to", to.text)
        json.member("from", ifPresent: from)
        switch script {
        case .say(let text, let language):
            json.member("say", text)
            json.member("language", ifPresent: language)
        case .twimlURL(let url): json.member("twiml_url", url)
        case .twiml(let twiml): json.member("twiml", twiml)
        }
        if record { json.member("record", true) }
        json.member("channels", ifPresent: recordingChannels?.rawValue)
        json.member("detection", ifPresent: machineDetection?.rawValue)
        if asyncAMD { json.member("async", true) }
        json.member("timeout", ifPresent: timeout)
    }

    init(stored members: [JSONValue.Member]) throws(StoredFormError) {
        self.init(to: try PhoneNumber(storedIn: members), script: .twiml(""))
        var language: String?
        for member in members where member.name == "language" { language = try member.value.storedText("language") }
        for member in members {
            let value = member.value
            switch member.name {
            case "from": from = try value.storedText("from")
            case "say": script = .say(text: try value.storedText("say"), language: language)
            case "twiml_url": script = .twimlURL(try value.storedText("twiml_url"))
            case "twiml": script = .twiml(try value.storedText("twiml"))
            case "record": record = try value.storedFlag("record")
            case "channels": recordingChannels = try value.storedWord("channels", as: RecordingChannels.self)
            case "detection": machineDetection = try value.storedWord("detection", as: MachineDetection.self)
            case "async": asyncAMD = try value.storedFlag("async")
            case "timeout": timeout = try value.storedDuration("timeout")
            default: break
            }
        }
    }
}

extension PhoneNumber {
    fileprivate init(storedIn members: [JSONValue.Member]) throws(StoredFormError) {
        guard let to = members.first(where: { $0.name == "to" }) else { throw StoredFormError("to is missing") }
        self.init(unchecked: try to.value.storedText("to"))
    }
}
