import Testing
import WaypostJSON

@testable import WaypostSandbox

@Suite struct FaultReaderTests {
    private func read(_ text: String) throws -> Fault { try Fault(reading: JSONValue(parsing: Array(text.utf8))) }

    @Test(arguments: [
        ("hang", Fault.Effect.hang(.before)), ("hang_before", .hang(.before)), ("hang_after", .hang(.after)),
        ("reset", .reset(.before)), ("reset_after", .reset(.after)), ("close", .close(.before)),
        ("close_after", .close(.after)), ("close_mid_body", .closeMidBody), ("refuse", .refuse),
        ("garbage", .garbage(.truncated)), ("redirect", .redirect(to: nil)), ("close_idle", .closeIdle),
        ("reset_stream", .resetStream(.before)), ("reset_stream_after", .resetStream(.after)),
        ("refuse_stream", .refuseStream), ("goaway", .goAway(reason: "Shutdown")), ("limit_streams", .limitStreams(1)),
        ("shutdown", .shutdown),
    ])
    func `every kind has its word`(word: String, effect: Fault.Effect) throws {
        let fault = try read(#"{"provider":"apns","kind":"\#(word)"}"#)
        #expect(fault.effect == effect)
        #expect(fault.kind.hasPrefix(word))
    }

    @Test func `all that a fault can say is read`() throws {
        let fault = try read(
            #"""
            {"provider":"ses","kind":"status","status":429,"error":"TooManyRequestsException","retry_after_s":7,
             "reset_in_s":3,"headers":{"X-A":"b"},"delay_ms":20,"only":"send","after":1,"count":5,"for_ms":900,
             "share":0.5,"seed":9}
            """#)
        var answer = Fault.Answer(429)
        answer.error = "TooManyRequestsException"
        answer.retryAfter = 7
        answer.resetIn = 3
        answer.headers = ["X-A": "b"]
        var expected = Fault(.ses, .status(answer), delay: .milliseconds(20), count: 5, for: .milliseconds(900))
        expected.only = .send
        expected.after = 1
        expected.share = 0.5
        expected.seed = 9
        #expect(fault == expected)
    }

    @Test func `what is for HTTP/2 alone has its own words`() throws {
        let goAway = try read(#"{"provider":"apns","kind":"goaway","error":"IdleTimeout"}"#)
        #expect(goAway.effect == .goAway(reason: "IdleTimeout"))
        #expect(try read(#"{"provider":"fcm","kind":"limit_streams","streams":7}"#).effect == .limitStreams(7))
    }

    @Test(arguments: [
        (#"{"provider":"ses","kind":"goaway"}"#, "goaway is for fcm and apns"),
        (#"{"provider":"fcm","kind":"limit_streams","streams":0}"#, "streams must be 1 to 100000"),
        (#"{"provider":"fcm","kind":"hang","streams":7}"#, "streams is for limit_streams alone"),
        (#"{"provider":"apns","kind":"goaway","error":"\"}"}"#, "error must be a plain word"),
        (#"{"kind":"hang"}"#, "provider is required"),
        (#"{"provider":"nobody","kind":"hang"}"#, "provider must be one of sendgrid, ses, smtp"),
        (#"{"provider":"ses","kind":"hangs"}"#, "kind must be one of"),
        (#"{"provider":"ses","kind":"hang","cuont":1}"#, "has no cuont"),
        (#"{"provider":"ses","kind":"status"}"#, "status is required"),
        (#"{"provider":"ses","kind":"status","status":100}"#, "status must be 200 to 599"),
        (#"{"provider":"ses","kind":"hang","status":500}"#, "status is for status alone"),
        (#"{"provider":"ses","kind":"hang","stage":"dot"}"#, "stage is for smtp alone"),
        (#"{"provider":"smtp","kind":"hang","only":"send"}"#, "only is for HTTP"),
        (#"{"provider":"smtp","kind":"redirect"}"#, "SMTP knows no redirect"),
        (#"{"provider":"smtp","kind":"close_mid_body"}"#, "SMTP knows no body"),
        (#"{"provider":"smtp","kind":"hang_after","stage":"rcpt"}"#, "strikes at the stage dot"),
        (#"{"provider":"ses","kind":"refuse","count":3}"#, "refuse takes for_ms alone"),
        (#"{"provider":"ses","kind":"delay"}"#, "delay needs delay_ms"),
        (#"{"provider":"ses","kind":"hang","share":0}"#, "share must be above 0"),
        (#"{"provider":"ses","kind":"hang","count":0}"#, "count must be at least 1"),
        (#"{"provider":"ses","kind":"status","status":500,"headers":{"A b":"c"}}"#, "A b is not a header field"),
    ])
    func `what makes no sense is refused in words`(text: String, complaint: String) throws {
        let problem = try #require(throws: FaultProblem.self) { try read(text) }
        #expect(problem.description.contains(complaint), "\(problem.description)")
    }
}
