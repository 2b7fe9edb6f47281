import Testing
import WaypostJSON

@testable import waypost

@Suite struct ArgumentsTests {
    @Test(arguments: [
        (
            [
                "email", "--to", "Ann B <ann@example.org>", "--subject", "Hi", "--text", "It is.", "--tag", "a",
                "--tag", "b",
            ],
            #"{"channel":"email","to":{"email":"ann@example.org","name":"Ann B"},"content":{"subject":"Hi","text":"It is."},"tags":["a","b"]}"#
        ),
        (
            [
                "email", "--to", "a@x.org", "--to", "b@x.org", "--template", "t", "--var", "order=1=2", "--from",
                "s@x.org",
            ],
            #"{"channel":"email","to":["a@x.org","b@x.org"],"template":{"id":"t","variables":{"order":"1=2"}},"from":"s@x.org"}"#
        ),
        (
            ["sms", "--to", "+14155550101", "--text", "x", "--type", "marketing", "--priority", "bulk", "--ttl", "5m"],
            #"{"channel":"sms","to":"+14155550101","content":{"text":"x"},"type":"marketing","priority":"bulk","ttl":"5m"}"#
        ),
        (
            ["voice", "--to", "+1", "--text", "x", "--language", "en-US"],
            #"{"channel":"voice","to":"+1","content":{"say":{"text":"x","language":"en-US"}}}"#
        ),
        (
            ["push", "--to", "user:ann", "--title", "T", "--text", "B", "--data", "k=v", "--metadata", "m=1"],
            #"{"channel":"push","to":{"user":"ann"},"content":{"title":"T","body":"B","data":{"k":"v"}},"metadata":{"m":"1"}}"#
        ),
        (
            ["push", "--to", "abc:def", "--platform", "android", "--title", "T", "--send-at", "2027-01-31T08:00:00Z"],
            #"{"channel":"push","to":{"token":"abc:def","platform":"android"},"content":{"title":"T"},"send_at":"2027-01-31T08:00:00Z"}"#
        ),
    ])
    func `options become the message of the API`(arguments: [String], body: String) throws {
        let send = try Send.parse(arguments)
        #expect(JSONText(send.message.body(on: send.channel)).text == body)
    }

    @Test(arguments: [
        ["send", "email", "--text", "x"], ["send", "fax", "--to", "x"],
        ["send", "sms", "--to", "x", "--var", "novalue"],
        ["send", "sms", "--to", "x", "--wait", "--dry-run"],
        ["send", "sms", "--to", "x", "--wait", "--timeout", "soon"],
        ["dead-letters", "replay"], ["dead-letters", "replay", "msg_1", "--channel", "sms"],
        ["dead-letters", "replay", "msg_1", "--all"], ["dead-letters", "purge", "--all"],
        ["dead-letters", "resolve", "msg_1", "--as", "lost", "--reason", "x"], ["messages", "list", "--limit", "501"],
        ["emergency", "stop-sending"], ["emergency", "switch-to-backup", "--reason", "x"],
        ["emergency", "resume", "--reason", "x", "--for", "soon"], ["probe", "healthz"], ["status", "--watch", "0"],
        ["providers", "breaker", "ses", "half_open"],
    ])
    func `what makes no sense is refused before anything is asked`(arguments: [String]) {
        #expect(throws: (any Error).self) { try Waypost.parseAsRoot(arguments) }
    }

    @Test(arguments: [
        (["stop-sending", "--reason", "r"], #"{"reason":"r"}"#),
        (["resume", "--reason", "r", "--channel", "sms"], #"{"channel":"sms","reason":"r"}"#),
        (
            ["switch-to-backup", "--channel", "email", "--reason", "r", "--for", "30m", "--dry-run"],
            #"{"channel":"email","reason":"r","for":"30m","dry_run":true}"#
        ),
        (["clear-queue", "--reason", "r", "--channel", "push"], #"{"channel":"push","reason":"r"}"#),
        (["reset-rate-limits", "--reason", "r", "--recipient", "a@x.org"], #"{"recipient":"a@x.org","reason":"r"}"#),
        (
            ["open-breakers", "--reason", "r", "--provider", "ses", "--channel", "email"],
            #"{"provider":"ses","channel":"email","reason":"r"}"#
        ),
    ])
    func `an emergency procedure says no more than was said`(arguments: [String], body: String) throws {
        let command = try #require(try Waypost.parseAsRoot(["emergency"] + arguments) as? any EmergencyCommand)
        #expect(JSONText(command.body).text == body)
        #expect(type(of: command).procedure == arguments[0])
    }

    @Test func `dead letters are chosen by id, by filter, or all on purpose`() throws {
        func members(_ arguments: [String]) throws -> String {
            let replay = try DeadLetters.Replay.parse(arguments)
            return JSONText(.object(try replay.chosen.members(replay.filter.items(reason: replay.reason)))).text
        }
        #expect(try members(["msg_1", "msg_2"]) == #"{"ids":["msg_1","msg_2"]}"#)
        #expect(try members(["--all", "--dry-run"]) == #"{"filter":{},"dry_run":true}"#)
        #expect(try members(["--channel", "sms", "--reason", "x"]) == #"{"filter":{"channel":"sms","reason":"x"}}"#)
    }

    @Test(
        arguments: [([], nil), (["--watch"], 2), (["--watch", "5"], 5), (["--watch", "--json"], 2)]
            as [([String], Double?)])
    func `watch takes a span or none`(arguments: [String], span: Double?) throws {
        #expect(try Status.parse(arguments).watch == span)
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `shells complete the words of the API`(shell: String) throws {
        let script = Waypost.completionScript(for: try #require(.init(rawValue: shell)))
        for word in ["switch-to-backup", "whatsapp", "hard_bounce", "startupz", "reconcile"] {
            #expect(script.contains(word))
        }
    }
}
