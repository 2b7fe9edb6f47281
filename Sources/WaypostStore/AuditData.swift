import WaypostJSON

/// Further facts of an entry in the audit trail: an object in JSON, without what is nil.
package enum AuditData {
    package static func of(_ members: (String, JSONValue?)...) -> String {
        var json = JSONWriter()
        json.object { json in
            for (name, value) in members { if let value { json.member(name, value) } }
        }
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
