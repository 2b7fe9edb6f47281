import Testing
import WaypostHTTP
import WaypostJSON

@testable import WaypostSandbox

@Suite struct MessageBirdStandInTests {
    /// 2025-01-15T12:00:00Z.
    private static let now: Int64 = 1_736_942_400_000
    private static let channel = "5a4d0000000000000000000000000001"

    private let standIn = MessageBirdStandIn(key: "key")

    private func verdict(
        _ method: String, _ target: String, _ body: String = "", key: String = "key",
        type: String = "application/json", at wall: Int64 = now
    ) -> Verdict {
        let headers = HTTPHeaders(["Authorization": "AccessKey \(key)", "Content-Type": type])
        let request = HTTPRequest(method: method, target: target, headers: headers, body: Array(body.utf8))
        let verdict = standIn.verdict(on: request, asking: standIn.operation(method, request.path), at: wall)
        if verdict.isAccepted, let made = verdict.resource, let id = verdict.reference {
            standIn.keep(made, as: id, at: wall)
        }
        return verdict
    }

    /// A whole request for a path; members given replace those of the same name, and an empty text leaves one out.
    private func body(_ path: String, _ changes: [String: String] = [:]) -> String {
        let whole: [String: String] =
            switch path {
            case "/messages":
                ["originator": #""Example""#, "recipients": #"["31612345678"]"#, "body": #""Hello""#]
            case "/mms":
                [
                    "originator": #""Example""#, "recipients": #"["31612345678"]"#,
                    "mediaUrls": #"["https://a.example.com/1.png"]"#,
                ]
            case "/voicemessages": ["recipients": #"["31612345678"]"#, "body": #""Hello""#]
            case "/calls":
                [
                    "source": #""15550100004""#, "destination": #""31612345678""#,
                    "callflow":
                        #"{"title":"x","steps":[{"action":"say","options":{"payload":"Hi","language":"en-GB"}}]}"#,
                ]
            default:
                [
                    "to": #""+31612345678""#, "from": #""\#(Self.channel)""#, "type": #""text""#,
                    "content": #"{"text":"Hello"}"#,
                ]
            }
        let members = whole.merging(changes) { $1 }.filter { !$0.value.isEmpty }
        return "{\(members.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ","))}"
    }

    @Test func `a message is answered with the whole resource`() {
        let verdict = verdict(
            "POST", "/messages",
            body(
                "/messages",
                [
                    "recipients": #"["31612345678",31612345679]"#, "reference": #""msg_1""#,
                    "reportUrl": #""https://w.example.com/s?n=msg_1&a=att_1""#,
                ]))
        let json = verdict.response.json
        #expect(verdict.response.status == 201 && verdict.isAccepted)
        #expect(json["id"]?.string == verdict.reference && verdict.reference?.isHexadecimal(32) == true)
        #expect(json["reference"]?.string == "msg_1" && json["datacoding"]?.string == "plain")
        #expect(json["createdDatetime"]?.string == "2025-01-15T12:00:00+00:00" && json["validity"] == .null)
        #expect(json["recipients"]?["totalCount"]?.integer == 2)
        #expect(json["recipients"]?["items"]?[1]?["recipient"]?.integer == 31_612_345_679)
        #expect(json["recipients"]?["items"]?[0]?["status"]?.string == "sent")
        #expect(
            verdict.takes
                == [Take(message: "msg_1", attempt: "att_1", recipients: ["+31612345678", "+31612345679"])])
    }

    @Test(arguments: [
        ("recipients", "", 9, "recipient"), ("recipients", #"["+31612345678"]"#, 9, "recipient"),
        ("recipients", "[]", 9, "recipient"), ("recipients", "1", 9, "recipient"),
        ("originator", "", 9, "originator"), ("originator", #""LongerThanEleven""#, 10, "originator"),
        ("originator", #""Grüße""#, 10, "originator"), ("body", "", 9, "body"), ("body", #""""#, 10, "body"),
        ("body", #""Hello 👋""#, 10, "datacoding"), ("type", #""mms""#, 10, "type"),
        ("datacoding", #""utf8""#, 10, "datacoding"), ("mclass", "4", 10, "mclass"), ("validity", "0", 10, "validity"),
        ("validity", #""60""#, 10, "validity"), ("reportUrl", #""/report""#, 10, "reportUrl"),
        ("scheduledDatetime", #""tomorrow""#, 10, "scheduledDatetime"), ("type", #""binary""#, 10, "body"),
        ("typeDetails", #"{"udh":"xyz"}"#, 10, "typeDetails"), ("shortenUrls", "1", 10, "shortenUrls"),
    ])
    func `what is wrong with a message is refused by code and parameter`(
        member: String, value: String, code: Int64, parameter: String
    ) {
        let verdict = verdict("POST", "/messages", body("/messages", [member: value]))
        #expect(verdict.response.status == 422 && !verdict.isAccepted)
        let error = verdict.response.json["errors"]?[0]
        #expect(error?["code"]?.integer == code && error?["parameter"]?.string == parameter, "\(verdict.response.json)")
        #expect(error?["description"]?.string?.isEmpty == false)
    }

    @Test func `fifty recipients are the most, and unknown fields are none`() {
        let numbers = (0..<51).map { #""316123456\#($0 + 10)""# }
        for (count, isAccepted) in [(50, true), (51, false)] {
            let list = "[\(numbers.prefix(count).joined(separator: ","))]"
            #expect(verdict("POST", "/messages", body("/messages", ["recipients": list])).isAccepted == isAccepted)
        }
        #expect(verdict("POST", "/messages", body("/messages", ["text": #""x""#])).response.status == 422)
        let long = "\"\(String(repeating: "x", count: 1_378))\""
        #expect(verdict("POST", "/messages", body("/messages", ["body": long])).response.status == 422)
    }

    @Test(arguments: [
        ["datacoding": #""auto""#, "body": #""Hello 👋""#], ["recipients": #""31612345678,31612345679""#],
        ["originator": #""inbox""#], ["originator": #""+15550100004""#], ["originator": #""15550100004""#],
        ["type": #""binary""#, "body": #""00ff""#, "typeDetails": #"{"udh":"050003340201"}"#],
        ["reference": "null"], ["scheduledDatetime": #""2025-01-16T12:00:00+00:00""#], ["validity": "3600"],
    ])
    func `what is unusual and right passes`(changes: [String: String]) {
        let verdict = verdict("POST", "/messages", body("/messages", changes))
        #expect(verdict.isAccepted, "\(verdict.response.json)")
    }

    @Test(arguments: [
        ("/mms", 201, ["mediaUrls": #"["ftp://a"]"#]), ("/mms", 201, ["reportUrl": #""https://w.example.com/""#]),
        ("/voicemessages", 201, ["language": #""english""#]), ("/voicemessages", 201, ["voice": #""robot""#]),
        ("/voicemessages", 201, ["machineTimeout": "399"]), ("/voicemessages", 201, ["ifMachine": #""wait""#]),
        ("/calls", 201, ["destination": #""+31612345678""#]), ("/calls", 201, ["callflow": ""]),
        ("/calls", 201, ["callflow": #"{"steps":[{"action":"shout","options":{}}]}"#]),
        ("/calls", 201, ["callflow": #"{"steps":[{"action":"say","options":{"payload":""}}]}"#]),
        ("/calls", 201, ["webhook": #"{"token":"x"}"#]), ("/v1/send", 202, ["to": #""31612345678""#]),
        ("/v1/send", 202, ["from": #""Example""#]), ("/v1/send", 202, ["type": #""hsm""#]),
        ("/v1/send", 202, ["content": #"{"text":""}"#]), ("/v1/send", 202, ["ttl": #""soon""#]),
        (
            "/v1/send", 202,
            ["type": #""hsm""#, "content": #"{"hsm":{"namespace":"a","templateName":"b","language":{"code":""}}}"#]
        ),
    ])
    func `each API takes what is right and refuses what is wrong`(path: String, good: Int, changes: [String: String]) {
        #expect(verdict("POST", path, body(path)).response.status == good)
        let refused = verdict("POST", path, body(path, changes))
        #expect(refused.response.status == 422 && !refused.isAccepted, "\(changes)")
        let error = refused.response.json["errors"]?[0]
        #expect(error?[path == "/calls" ? "message" : "description"]?.string?.isEmpty == false)
        #expect((refused.response.json["data"] == .null) == (path == "/calls"))
    }

    @Test func `a call and a conversation's message are found under their ids`() throws {
        let call = verdict(
            "POST", "/v1/calls", body("/calls", ["webhook": #"{"url":"https://w.example.com/v?n=msg_1&a=att_1"}"#]))
        let id = try #require(call.response.json["data"]?[0]?["id"]?.string)
        #expect(call.reference == id && call.response.json["data"]?[0]?["status"]?.string == "starting")
        #expect(call.takes == [Take(message: "msg_1", attempt: "att_1", recipients: ["+31612345678"])])
        #expect(verdict("GET", "/calls/\(id)").response.json["data"]?[0]?["status"]?.string == "ended")
        let template =
            #"{"hsm":{"namespace":"a","templateName":"b","language":{"policy":"deterministic","code":"en"},"#
            + #""params":[{"default":"Ann"}]}}"#
        let message = verdict(
            "POST", "/v1/send",
            body(
                "/v1/send",
                [
                    "type": #""hsm""#, "content": template, "trackId": #""msg_2""#,
                    "reportUrl": #""https://w.example.com/w?a=att_2""#,
                ]))
        let reference = try #require(message.reference)
        #expect(message.response.status == 202 && message.response.json["status"]?.string == "accepted")
        #expect(message.response.json["id"]?.string == reference)
        #expect(message.takes == [Take(message: "msg_2", attempt: "att_2", recipients: ["+31612345678"])])
        #expect(verdict("GET", "/v1/messages/\(reference)").response.json["type"]?.string == "hsm")
    }

    @Test func `what was taken is found by its id, and by recipient and time`() throws {
        let first = try #require(verdict("POST", "/messages", body("/messages", ["reference": #""msg_1""#])).reference)
        let other = body("/messages", ["recipients": #"["31612345679"]"#])
        let second = try #require(verdict("POST", "/messages", other, at: Self.now + 60_000).reference)
        #expect(verdict("GET", "/messages/\(first)").response.json["reference"]?.string == "msg_1")
        let missing = verdict("GET", "/messages/none").response
        #expect(missing.status == 404 && missing.json["errors"]?[0]?["code"]?.integer == 20)
        func ids(_ query: String) -> [String] {
            let list = verdict("GET", "/messages?\(query)").response.json["items"]?.array ?? []
            return list.compactMap { $0["id"]?.string }
        }
        #expect(ids("") == [second, first])
        #expect(ids("recipient=31612345678") == [first])
        #expect(ids("from=2025-01-15T12:00:30%2B00:00") == [second])
        #expect(ids("recipient=31612345679&until=2025-01-15T12:00:30Z").isEmpty)
        #expect(ids("limit=1&offset=1") == [first])
        #expect(verdict("GET", "/messages?reference=msg_1").response.status == 422)
    }

    @Test func `who may ask and for what`() {
        let balance = verdict("GET", "/balance").response
        #expect(balance.status == 200 && balance.json["payment"]?.string == "prepaid")
        let stranger = verdict("GET", "/balance", key: "other").response
        #expect(stranger.status == 401 && stranger.json["errors"]?[0]?["code"]?.integer == 2)
        for (method, path, status) in [
            ("GET", "/v1/send", 405), ("PUT", "/messages", 405), ("GET", "/hlr", 404), ("GET", "/mms/none", 404),
            ("POST", "/calls/", 422),
        ] { #expect(verdict(method, path, "{}").response.status == status, "\(method) \(path)") }
        #expect(verdict("POST", "/messages", body("/messages"), type: "text/plain").response.status == 415)
        #expect(verdict("POST", "/messages", "{").response.status == 422)
    }

    @Test(
        arguments: [
            (401, nil, 2, nil), (403, nil, 2, nil), (404, nil, 20, nil), (422, nil, 10, nil), (429, nil, 429, nil),
            (500, nil, 99, nil), (422, "9 recipient", 9, "recipient"), (422, "25", 25, nil),
        ] as [(Int, String?, Int64, String?)])
    func `a fault has the code of its status, or the one it names`(
        status: Int, error: String?, code: Int64, parameter: String?
    ) {
        var answer = Fault.Answer(status)
        answer.error = error
        let text = standIn.failure(answer, to: .init(name: "messages", sends: true))
        #expect(text.status == status && text.json["errors"]?[0]?["code"]?.integer == code)
        #expect(text.json["errors"]?[0]?["parameter"]?.string == parameter)
        let voice = standIn.failure(answer, to: .init(name: "calls", sends: true))
        #expect(voice.json["data"] == .null && voice.json["errors"]?[0]?["message"]?.string != nil)
    }
}
