import Testing
import WaypostHTTP

@testable import waypost

@Suite struct ClientFailureTests {
    private func failure(_ status: Int, _ body: String, headers: HTTPHeaders = .init(), hadToken: Bool = false)
        -> String
    {
        let answer = Client.Answer(status: status, headers: headers, body: Array(body.utf8))
        return ClientFailure(answer, url: "http://127.0.0.1:8080", hadToken: hadToken).line
    }

    private func problem(_ code: String, _ detail: String, _ more: String = "") -> String {
        #"{"code":"\#(code)","detail":"\#(detail)"\#(more)}"#
    }

    @Test func `every bad field is named in one line`() {
        let errors = #","errors":[{"pointer":"/to","detail":"is required"},{"pointer":"","detail":"is too deep"}]"#
        #expect(failure(422, problem("invalid", "…", errors)) == "/to is required; the body is too deep")
    }

    @Test func `a refusal without fields says what the router said, and when to come back`() {
        #expect(failure(404, problem("not_found", "There is no such message.")) == "There is no such message.")
        let headers = HTTPHeaders(["Retry-After": "5"])
        #expect(
            failure(503, problem("queue_full", "It is full."), headers: headers) == "It is full. (try again in 5 s)")
    }

    @Test(arguments: [
        (401, false, "give a token"), (401, true, "does not take this token"), (403, true, "Use another"),
    ])
    func `who may not is told how to`(status: Int, hadToken: Bool, words: String) {
        let line = failure(status, problem("x", "No."), hadToken: hadToken)
        #expect(line.contains(words) && line.contains("WAYPOST_TOKEN"))
    }

    @Test(arguments: ["<html>", "", "{}", "[]", #"{"error":"x"}"#])
    func `what is no answer of a router is not passed on`(body: String) {
        #expect(failure(502, body) == "http://127.0.0.1:8080 answered 502 and is no router of ours; check --url")
    }

    @Test func `a line is one line`() {
        #expect(failure(422, problem("invalid", #"a\nb\u001b[2J"#)) == "a b [2J")
    }

    @Test func `a second try that finds nobody names the key as well`() {
        let failures: [ClientFailure] = [
            .broken(url: "http://a", detail: "reset", key: nil), .unreachable(url: "http://a", detail: "refused"),
        ]
        for failure in failures { #expect(failure.repeatable(under: "k").line.hasSuffix("--idempotency-key k")) }
        #expect(ClientFailure.interrupted.repeatable(under: "k") == .interrupted)
    }

    @Test(arguments: ["", "localhost:8080", "ftp://x", "http://", "http://a b", "http://é"])
    func `what is no URL is refused before anything is asked`(url: String) {
        #expect(throws: ClientFailure.notAURL(url)) { try Client(url: url) }
    }

    @Test func `values are escaped where they stand in a target`() {
        #expect(Query(["to": "a+b@x.org", "tag": nil, "x": "ü &"]).text == "?to=a%2Bb%40x.org&x=%C3%BC%20%26")
        #expect(Query.escape("../a/b?c#d") == "..%2Fa%2Fb%3Fc%23d")
    }
}
