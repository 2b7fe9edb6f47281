import WaypostJSON

/// How a whole message is kept: one blob, content included. The form is that of `Content`; see there.
extension Message {
    /// `{"v":1,"id":…,"client":…,…,"email":{…}}`.
    package func encoded() -> [UInt8] {
        var json = JSONWriter(capacity: 768)
        json.object { json in
            json.member("v", storedFormVersion)
            json.member("id", plain: id.bytes)
            json.member("client", client.text)
            if type != .transactional { json.member("type", type.rawValue) }
            if priority != .normal { json.member("priority", priority.rawValue) }
            json.member("created", createdAt.milliseconds)
            json.member("expires", expiresAt.milliseconds)
            if let sendAt { json.member("send", sendAt.milliseconds) }
            json.member("ambiguous", ifPresent: onAmbiguous?.rawValue)
            json.pairs("metadata", metadata)
            json.strings("tags", tags)
            json.strings("zones", zones)
            if let template { json.object("template") { json in template.write(to: &json) } }
            json.member("trace", traceparent)
            if let resendOf { json.member("resend_of", plain: resendOf.bytes) }
            content.write(to: &json)
        }
        return json.bytes
    }

    /// Reads what `encoded` wrote.
    package init(decoding bytes: [UInt8]) throws(StoredFormError) {
        var fields = StoredFields()
        for member in try JSONValue.storedMembers(bytes) { try fields.read(member) }
        try self.init(fields)
    }

    private init(_ fields: StoredFields) throws(StoredFormError) {
        guard let id = fields.id else { throw StoredFormError("id is missing") }
        guard let client = fields.client else { throw StoredFormError("client is missing") }
        guard let content = fields.content else { throw StoredFormError("it holds no content") }
        guard let created = fields.created, let expires = fields.expires else {
            throw StoredFormError("its times are missing")
        }
        self.init(
            id: id, client: client, content: content, createdAt: created, expiresAt: expires,
            traceparent: fields.traceparent)
        type = fields.type
        priority = fields.priority
        sendAt = fields.sendAt
        onAmbiguous = fields.onAmbiguous
        metadata = fields.metadata
        tags = fields.tags
        zones = fields.zones
        template = fields.template
        resendOf = fields.resendOf
    }
}

/// What has been read of a message so far.
private struct StoredFields {
    var id: MessageID?
    var client: ClientName?
    var type = MessageType.transactional
    var priority = Priority.normal
    var content: Content?
    var created: Timestamp?
    var expires: Timestamp?
    var sendAt: Timestamp?
    var onAmbiguous: AmbiguityPolicy?
    var metadata: [Message.KeyValue] = []
    var tags: [String] = []
    var zones: [String] = []
    var template: AppliedTemplate?
    var traceparent = ""
    var resendOf: MessageID?

    mutating func read(_ member: JSONValue.Member) throws(StoredFormError) {
        let value = member.value
        switch member.name {
        case "id": id = try Self.identifier(value, "id")
        case "client": client = ClientName(try value.storedText("client"))
        case "type": type = try value.storedWord("type", as: MessageType.self)
        case "priority": priority = try value.storedWord("priority", as: Priority.self)
        case "created": created = try value.storedTime("created")
        case "expires": expires = try value.storedTime("expires")
        case "send": sendAt = try value.storedTime("send")
        case "ambiguous": onAmbiguous = try value.storedWord("ambiguous", as: AmbiguityPolicy.self)
        case "metadata": metadata = try value.storedPairs("metadata")
        case "tags": tags = try value.storedTexts("tags")
        case "zones": zones = try value.storedTexts("zones")
        case "template": template = try AppliedTemplate(stored: try value.storedObject("template"))
        case "trace": traceparent = try value.storedText("trace")
        case "resend_of": resendOf = try Self.identifier(value, "resend_of")
        default:
            if Channel(rawValue: member.name) != nil { content = try Content(stored: member) }
        }
    }

    private static func identifier(_ value: JSONValue, _ name: String) throws(StoredFormError) -> MessageID {
        guard let id = MessageID(try value.storedText(name)) else {
            throw StoredFormError("\(name) is not a message's id")
        }
        return id
    }
}

extension AppliedTemplate {
    fileprivate func write(to json: inout JSONWriter) {
        json.member("name", name)
        json.pairs("ids", providerIDs)
        json.member("text", hasText)
        json.member("variables", variables)
    }

    fileprivate init(stored members: [JSONValue.Member]) throws(StoredFormError) {
        self.init(name: "", providerIDs: [], hasText: false, variables: [:])
        for member in members {
            let value = member.value
            switch member.name {
            case "name": name = try value.storedText("name")
            case "ids": providerIDs = try value.storedPairs("ids")
            case "text": hasText = try value.storedFlag("text")
            case "variables": variables = value
            default: break
            }
        }
    }
}
