import WaypostHTTP
import WaypostJSON

/// MessageBird's classic APIs, whose paths do not collide, on one port: `rest.` (SMS, MMS, voice messages, balance),
/// `voice.` (calls) and `conversations.` (WhatsApp), with look-ups among the last ten thousand messages.
///
/// https://developers.messagebird.com/api/
final class MessageBirdStandIn: HTTPStandIn {
    let provider = StandIn.messagebird
    private let authorization: String
    private let ids = ReferenceMaker()
    private let shelf = Shelf()

    init(key: String) { authorization = "AccessKey \(key)" }

    func operation(_ method: String, _ path: Substring) -> Operation {
        let place = Self.place(path)
        switch (method, place?.name, place?.id) {
        case ("POST", let name?, nil) where ["messages", "mms", "voicemessages", "calls", "send"].contains(name):
            return Operation(name: name, sends: true)
        case ("GET", "balance", nil): return Operation(name: "balance")
        case ("GET", "messages", nil): return Operation(name: "messages.list")
        case ("GET", let name?, _?): return Operation(name: "\(name).read")
        default: return Operation(name: place?.name == "calls" ? "calls.other" : "other")
        }
    }

    func verdict(on request: HTTPRequest, asking operation: Operation, at wall: Int64) -> Verdict {
        guard request.headers["Authorization"] == authorization else {
            return refused(401, [.unauthorized], operation)
        }
        switch operation.name {
        case "balance":
            let balance: JSONValue = ["payment": "prepaid", "type": "credits", "amount": .number(9.2)]
            return Verdict(response: .json(200, balance.bytes))
        case "messages.list": return list(request, operation)
        case "messages", "mms", "voicemessages", "calls", "send": return send(request, operation, at: wall)
        case let name where name.hasSuffix(".read"): return read(request.path, operation)
        default:
            guard Self.place(request.path) != nil else {
                return refused(404, [MessageBirdError(98, "API not found")], operation)
            }
            return refused(405, [MessageBirdError(21, "method not allowed")], operation)
        }
    }

    func failure(_ answer: Fault.Answer) -> HTTPResponse { failure(answer, to: Operation(name: "other")) }

    /// In the fault's error a number is MessageBird's code, and a word behind it the parameter (`9 recipient`); any
    /// other text is the description.
    func failure(_ answer: Fault.Answer, to operation: Operation) -> HTTPResponse {
        if let body = answer.body { return .json(answer.status, Array(body.utf8)) }
        let words = answer.error?.split(separator: " ", maxSplits: 1) ?? []
        let code = words.first.flatMap { Int($0) }
        let error = MessageBirdError(
            code ?? MessageBirdError.code(of: answer.status),
            code == nil ? answer.error ?? "the sandbox was told to fail" : "the sandbox was told to fail",
            parameter: code != nil && words.count > 1 ? String(words[1]) : nil)
        return refused(answer.status, [error], operation).response
    }

    func finish(_ response: inout HTTPResponse, at wall: Int64) {}

    func keep(_ resource: JSONValue, as reference: String, at wall: Int64) {
        let kind: String =
            if resource["data"] != nil {
                "calls"
            } else if resource["channelId"] != nil {
                "v1/messages"
            } else if resource["mediaUrls"] != nil {
                "mms"
            } else {
                resource["language"] != nil ? "voicemessages" : "messages"
            }
        shelf.put(resource, as: reference, kind: kind, at: wall)
    }

    private func send(_ request: HTTPRequest, _ operation: Operation, at wall: Int64) -> Verdict {
        let type = request.headers["Content-Type"]?.prefix { $0 != ";" }
        guard let type, String(type).equalsIgnoringCase("application/json") else {
            return refused(415, [MessageBirdError(21, "Content-Type must be application/json")], operation)
        }
        let body: JSONValue
        do throws(JSONError) { body = try JSONValue(parsing: request.body) } catch {
            return refused(
                422, [MessageBirdError(21, "not JSON at byte \(error.offset): \(error.complaint)")], operation)
        }
        switch operation.name {
        case "calls":
            var check = MessageBirdCallCheck()
            check.check(body)
            let resource = MessageBirdResource(id: callID(), wall: wall)
            let order = TakenOrder.messageBirdCall(body, id: resource.id)
            return accepted(check.shape, [check.take], operation, resource, order) {
                (201, $0.call(body, isOver: false), $0.call(body, isOver: true))
            }
        case "send":
            var check = MessageBirdConversationCheck()
            check.check(body)
            let resource = MessageBirdResource(id: ids.hexadecimal(), wall: wall)
            let order = TakenOrder.messageBirdConversation(body, id: resource.id)
            return accepted(check.shape, [check.take], operation, resource, order) {
                (202, ["id": .string($0.id), "status": "accepted"], $0.conversationMessage(body))
            }
        default:
            var check = MessageBirdTextCheck(.init(rawValue: operation.name) ?? .messages, body)
            check.check()
            let resource = MessageBirdResource(id: ids.hexadecimal(), wall: wall)
            // What is scheduled stays so here: nothing is told of it.
            let order: TakenOrder? =
                check.body["scheduledDatetime"] == nil
                ? .messageBird(check.body, kind: check.kind, numbers: check.numbers, id: resource.id) : nil
            return accepted(check.shape, [check.take], operation, resource, order) {
                let text = $0.text(check, host: request.headers["Host"] ?? "rest.messagebird.com")
                return (201, text, text)
            }
        }
    }

    /// `make` gives the answer's status and body and what look-ups will find; asked only when nothing is wrong.
    private func accepted(
        _ shape: Shape, _ takes: [Take], _ operation: Operation, _ resource: MessageBirdResource,
        _ order: TakenOrder?, make: (MessageBirdResource) -> (status: Int, answer: JSONValue, later: JSONValue)
    ) -> Verdict {
        guard shape.problems.isEmpty else { return refused(422, shape.messageBirdErrors, operation, takes: takes) }
        let made = make(resource)
        return Verdict(
            response: .json(made.status, made.answer.bytes), isAccepted: true, takes: takes, reference: resource.id,
            resource: made.later, order: order)
    }

    private func list(_ request: HTTPRequest, _ operation: Operation) -> Verdict {
        guard let query = FormFields(request.query.utf8) else {
            return refused(422, [MessageBirdError(21, "the query is not UTF-8")], operation)
        }
        do throws(MessageBirdError) {
            let list = try MessageBirdList(query)
            let found = shelf.resources(kind: "messages") { list.includes($0, at: $1) }
            let host = request.headers["Host"] ?? "rest.messagebird.com"
            return Verdict(response: .json(200, list.json(found, host: host).bytes))
        } catch { return refused(422, [error], operation) }
    }

    private func read(_ path: Substring, _ operation: Operation) -> Verdict {
        guard let place = Self.place(path), let id = place.id, let found = shelf.resource(id, kind: place.name) else {
            return refused(404, [MessageBirdError(20, "message not found")], operation)
        }
        return Verdict(response: .json(200, found.bytes))
    }

    private func refused(
        _ status: Int, _ errors: [MessageBirdError], _ operation: Operation, takes: [Take] = []
    ) -> Verdict {
        let isVoice = operation.name.hasPrefix("calls")
        return Verdict(response: MessageBirdError.response(status, errors, isVoice: isVoice), takes: takes)
    }

    /// As the voice API writes ids: a UUID.
    private func callID() -> String {
        let digits = Array(ids.hexadecimal())
        let parts = [digits[..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20...]]
        return parts.map { String($0) }.joined(separator: "-")
    }

    /// What stands at a path, and the id behind it; nil where there is nothing. A `/` at the end changes nothing.
    private static func place(_ path: Substring) -> (name: String, id: String?)? {
        let parts = path.split(separator: "/").map(String.init)
        switch parts.first {
        case "messages", "mms", "voicemessages", "calls":
            guard parts.count <= 2 else { return nil }
            return (parts[0], parts.count == 2 ? parts[1] : nil)
        case "balance": return parts.count == 1 ? ("balance", nil) : nil
        case "v1":
            switch (parts.count, parts.count > 1 ? parts[1] : "") {
            case (2, "send"): return ("send", nil)
            case (2, "calls"): return ("calls", nil)
            case (3, "calls"): return ("calls", parts[2])
            case (3, "messages"): return ("v1/messages", parts[2])
            default: return nil
            }
        default: return nil
        }
    }
}
