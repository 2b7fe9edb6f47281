import Testing
import WaypostHTTP
import WaypostJSON

@testable import WaypostSandbox

@Suite struct SendGridStandInTests {
    private let standIn = SendGridStandIn(key: "SG.key")

    private func verdict(_ body: String, key: String = "SG.key", type: String = "application/json") -> Verdict {
        let headers = HTTPHeaders(["Authorization": "Bearer \(key)", "Content-Type": type])
        let request = HTTPRequest(method: "POST", target: "/v3/mail/send", headers: headers, body: Array(body.utf8))
        return standIn.verdict(on: request, asking: standIn.operation("POST", "/v3/mail/send"), at: 1_736_942_400_000)
    }

    /// A whole mail; members given replace those of the same name, and an empty text leaves one out.
    private func mail(_ changes: [String: String] = [:]) -> String {
        let members = [
            "personalizations": #"[{"to":[{"email":"a@example.com"}],"custom_args":{"waypost_message":"msg_1"}}]"#,
            "from": #"{"email":"news@example.com"}"#, "subject": #""Hi""#,
            "content": #"[{"type":"text/plain","value":"x"}]"#,
        ].merging(changes) { $1 }
        return "{\(members.filter { !$0.value.isEmpty }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ","))}"
    }

    @Test func `a whole mail is taken, in sandbox mode answered with 200 and not taken`() {
        #expect(verdict(mail()).isAccepted)
        let trial = verdict(mail(["mail_settings": #"{"sandbox_mode":{"enable":true}}"#]))
        #expect(trial.response.status == 200 && !trial.isAccepted)
    }

    @Test func `every personalization is a message, and its own arguments win`() {
        let takes = verdict(
            mail([
                "personalizations": #"""
                [{"to":[{"email":"a@example.com"}],"cc":[{"email":"b@example.com"}],
                  "custom_args":{"waypost_message":"msg_1","waypost_attempt":"att_1"}},
                 {"to":[{"email":"c@example.com"}]}]
                """#, "custom_args": #"{"waypost_message":"msg_0"}"#,
            ])
        ).takes
        #expect(
            takes == [
                Take(message: "msg_1", attempt: "att_1", recipients: ["a@example.com", "b@example.com"]),
                Take(message: "msg_0", attempt: nil, recipients: ["c@example.com"]),
            ])
    }

    @Test(arguments: [
        ("personalizations", "[]", "personalizations"), ("personalizations", "", "personalizations"),
        ("from", "", "from"), ("from", #"{"email":"nobody"}"#, "from.email"), ("subject", "", "subject"),
        ("content", "", "content"),
        ("content", #"[{"type":"text/html","value":"x"},{"type":"text/plain","value":"x"}]"#, "content"),
        ("content", #"[{"type":"text/plain","value":""}]"#, "content.0.value"),
        (
            "personalizations", #"[{"to":[{"email":"a@example.com"}],"cc":[{"email":"A@example.com"}]}]"#,
            "personalizations.0.cc.0.email"
        ),
        (
            "personalizations", #"[{"to":[{"email":"a@example.com"}],"custom_args":{"a":1}}]"#,
            "personalizations.0.custom_args.a"
        ),
        ("attachments", #"[{"content":"!","filename":"a"}]"#, "attachments.0.content"),
        ("headers", #"{"Reply-To":"a@example.com"}"#, "headers.Reply-To"),
        ("categories", #"["1","2","3","4","5","6","7","8","9","10","11"]"#, "categories"),
        ("send_at", "1737201601", "send_at"), ("asm", "{}", "asm.group_id"), ("sender", "1", "the body"),
        ("reply_to_list", #"[{"email":"a"}]"#, "reply_to_list.0.email"),
    ])
    func `a fault in the mail is refused by its field`(member: String, value: String, field: String) {
        let verdict = verdict(mail([member: value]))
        #expect(verdict.response.status == 400 && !verdict.isAccepted)
        let fields = verdict.response.json["errors"]?.array?.compactMap { $0["field"]?.string } ?? []
        #expect(fields.contains(field), "\(fields)")
    }

    @Test func `the wrong key, type, path and JSON are refused`() {
        #expect(verdict(mail(), key: "SG.other").response.status == 401)
        #expect(verdict(mail(), type: "text/plain").response.status == 415)
        #expect(verdict("{").response.status == 400)
        let headers = HTTPHeaders(["Authorization": "Bearer SG.key"])
        for (method, path, status) in [("GET", "/v3/mail/send", 405), ("GET", "/v3/scopes", 200), ("GET", "/v3", 404)] {
            let request = HTTPRequest(method: method, target: path, headers: headers)
            let operation = standIn.operation(method, request.path)
            #expect(standIn.verdict(on: request, asking: operation, at: 0).response.status == status)
        }
    }

    @Test func `over a thousand recipients in all are too many`() {
        let list = (0..<501).map { #"{"email":"a\#($0)@example.com"}"# }.joined(separator: ",")
        let one = #"{"to":[\#(list)]}"#
        #expect(verdict(mail(["personalizations": "[\(one)]"])).isAccepted)
        #expect(verdict(mail(["personalizations": "[\(one),\(one)]"])).response.status == 400)
    }
}
