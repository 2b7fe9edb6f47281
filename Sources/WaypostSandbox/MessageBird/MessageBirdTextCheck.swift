import WaypostJSON

/// Checks what is sent through `rest.messagebird.com`: text messages, MMS and voice messages.
///
/// Fields and limits are those of https://github.com/messagebird/openapi-specs (sms/openapi.yaml) and of MessageBird's own
/// clients. Unknown fields are refused, so that a misspelt one shows.
struct MessageBirdTextCheck {
    enum Kind: String, Sendable { case messages, mms, voicemessages }

    let kind: Kind
    private(set) var shape = Shape()
    private(set) var take = Take(recipients: [])
    /// The recipients' numbers without `+`.
    private(set) var numbers: [String] = []
    /// Without the members that are null.
    let body: JSONValue

    init(_ kind: Kind, _ body: JSONValue) {
        self.kind = kind
        self.body = body.members.map { .object($0.filter { $0.value != .null }) } ?? body
    }

    mutating func check() {
        guard shape.object(body, "the body", allowed: Self.fields[kind] ?? []) != nil else { return }
        recipients()
        take.message = shape.string(body["reference"], "reference", 1...255)
        take.read(callback: body["reportUrl"]?.string)
        shape.webAddress(body["reportUrl"], "reportUrl")
        shape.time(body["scheduledDatetime"], "scheduledDatetime")
        originator()
        switch kind {
        case .messages: text()
        case .mms: media()
        case .voicemessages: speech()
        }
    }

    private mutating func recipients() {
        if body["groupIds"] != nil {
            for (index, id) in (shape.array(body["groupIds"], "groupIds", 1...50) ?? []).enumerated() {
                _ = shape.string(id, "groupIds.\(index)", 1...64)
            }
            guard body["recipients"] != nil else { return }
        }
        var list: [String] = []
        switch body["recipients"] {
        case .string(let text)?:
            list = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        case .array(let elements)?:
            for element in elements { list.append(element.string ?? element.integer.map { String($0) } ?? "") }
        case nil: return shape.complain("recipients", "is required")
        case .some(let other): return shape.complain("recipients", "must be an array, not \(other.kind)")
        }
        if list.isEmpty { shape.complain("recipients", "is required") }
        if list.count > 50 { shape.complain("recipients", "may be at most 50") }
        for number in list {
            if !number.isMSISDN {
                shape.complain("recipients", "must be numbers with their country code and no +, not '\(number)'")
            }
        }
        numbers = list
        take.recipients = list.map { "+\($0)" }
    }

    private mutating func originator() {
        let isRequired = kind != .voicemessages
        guard let text = shape.string(body["originator"], "originator", 1...17, required: isRequired) else { return }
        let isNumber = text.isE164 || text.isDigits
        if !isNumber, kind == .voicemessages || !text.isSenderName {
            shape.complain("originator", "must be a number with its country code, or at most 11 letters and digits")
        }
    }

    private mutating func text() {
        shape.word(body["type"], "type", of: ["sms", "binary", "flash"])
        shape.word(body["datacoding"], "datacoding", of: ["plain", "unicode", "auto"])
        shape.integer(body["validity"], "validity", in: 1...2_592_000)
        shape.integer(body["gateway"], "gateway", in: 0...Int64.max)
        shape.integer(body["mclass"], "mclass", in: 0...3)
        _ = shape.boolean(body["shortenUrls"], "shortenUrls")
        if body["typeDetails"] != nil,
            shape.object(body["typeDetails"], "typeDetails", allowed: ["udh"]) != nil,
            let udh = shape.string(body["typeDetails"]?["udh"], "typeDetails.udh"), !udh.isHexadecimal
        {
            shape.complain("typeDetails.udh", "must be hexadecimal digits")
        }
        guard let text = shape.string(body["body"], "body", 1...Int.max, required: true) else { return }
        if text.unicodeScalars.count > 1_377 { shape.complain("body", "must have at most 1377 characters") }
        if body["type"]?.string == "binary" {
            if !text.isHexadecimal { shape.complain("body", "must be hexadecimal digits when the type is binary") }
        } else if ["plain", nil].contains(body["datacoding"]?.string), GSMText.septets(text) == nil {
            // The original puts ? for what the alphabet lacks; here the loss shows.
            shape.complain(
                "datacoding", "plain carries GSM 03.38 only, and the body goes beyond it: use unicode or auto")
        }
    }

    private mutating func media() {
        let text = shape.string(body["body"], "body", 1...2_000)
        _ = shape.string(body["subject"], "subject", 1...256)
        let addresses = shape.array(body["mediaUrls"], "mediaUrls", 1...10, required: text == nil) ?? []
        for (index, address) in addresses.enumerated() { shape.webAddress(address, "mediaUrls.\(index)") }
    }

    private mutating func speech() {
        _ = shape.string(body["body"], "body", 1...2_000, required: true)
        shape.language(body["language"], "language")
        shape.word(body["voice"], "voice", of: ["male", "female"])
        shape.integer(body["repeat"], "repeat", in: 1...10)
        shape.word(body["ifMachine"], "ifMachine", of: ["continue", "delay", "hangup"])
        shape.integer(body["machineTimeout"], "machineTimeout", in: 400...10_000)
    }

    private static let fields: [Kind: [String]] = [
        .messages: [
            "originator", "recipients", "groupIds", "body", "type", "reference", "reportUrl", "validity", "gateway",
            "typeDetails", "datacoding", "mclass", "shortenUrls", "scheduledDatetime",
        ],
        .mms: ["originator", "recipients", "subject", "body", "mediaUrls", "reference", "scheduledDatetime"],
        .voicemessages: [
            "originator", "recipients", "body", "reference", "language", "voice", "repeat", "ifMachine",
            "machineTimeout", "scheduledDatetime", "reportUrl",
        ],
    ]
}
