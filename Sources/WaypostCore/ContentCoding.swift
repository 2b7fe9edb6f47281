import WaypostJSON

/// How content is kept: compact JSON, its first member the version of the form. Members that say nothing are left out, and
/// members that a reader does not know are passed over.
extension Content {
    /// `{"v":1,"email":{…}}`.
    package func encoded() -> [UInt8] {
        var json = JSONWriter(capacity: 512)
        json.object { json in
            json.member("v", storedFormVersion)
            write(to: &json)
        }
        return json.bytes
    }

    /// Reads what `encoded` wrote.
    package init(decoding bytes: [UInt8]) throws(StoredFormError) {
        let members = try JSONValue.storedMembers(bytes)
        guard let member = members.first else { throw StoredFormError("it holds no content") }
        try self.init(stored: member)
    }

    /// Writes the member that is named for the channel.
    func write(to json: inout JSONWriter) {
        switch self {
        case .email(let email): json.object(channel.rawValue) { json in email.write(to: &json) }
        case .sms(let sms): json.object(channel.rawValue) { json in sms.write(to: &json) }
        case .whatsapp(let message): json.object(channel.rawValue) { json in message.write(to: &json) }
        case .voice(let call): json.object(channel.rawValue) { json in call.write(to: &json) }
        case .push(let push): json.object(channel.rawValue) { json in push.write(to: &json) }
        }
    }

    init(stored member: JSONValue.Member) throws(StoredFormError) {
        let members = try member.value.storedObject(member.name)
        switch Channel(rawValue: member.name) {
        case .email: self = .email(try Email(stored: members))
        case .sms: self = .sms(try SMS(stored: members))
        case .whatsapp: self = .whatsapp(try WhatsApp(stored: members))
        case .voice: self = .voice(try Voice(stored: members))
        case .push: self = .push(try Push(stored: members))
        case .realtime, nil: throw StoredFormError("it is content of a channel that this version does not know")
        }
    }
}
