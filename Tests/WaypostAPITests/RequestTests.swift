import Testing
import WaypostAPI
import WaypostCore
import WaypostHTTP
import WaypostJSON

@Suite struct RequestTests {
    // MARK: The body

    private func post(_ body: String, type: String?) -> HTTPRequest {
        var request = HTTPRequest(method: "POST", target: "/v1/messages", body: Array(body.utf8))
        request.headers["Content-Type"] = type
        request.headers["Content-Length"] = String(request.body.count)
        return request
    }

    @Test(arguments: [
        "application/json", "Application/JSON", "application/json; charset=utf-8", "application/json;charset=\"UTF-8\"",
        "application/vnd.example+json", "application/json; profile=x",
    ])
    func `a body that says that it is JSON is read`(type: String) throws {
        #expect(try RequestBody.json(of: post("{}", type: type)) == .object([]))
    }

    @Test(arguments: [
        nil, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp",
        "application/json; charset=iso-8859-1", "text/json",
    ])
    func `any other is 415, so that no page can make a browser send it unasked`(type: String?) {
        let problem = #expect(throws: Problem.self) { try RequestBody.json(of: post("{}", type: type)) }
        #expect(problem?.code == .unsupportedMediaType)
    }

    @Test(arguments: [
        "", "{", "{\"a\": 1,}", "nul", "{\"a\": 1, \"a\": 2}", "{} {}", "\u{1}",
        String(repeating: "[", count: 33) + String(repeating: "]", count: 33), "1e999",
    ])
    func `what is no JSON is malformed`(body: String) {
        let problem = #expect(throws: Problem.self) { try RequestBody.json(of: post(body, type: "application/json")) }
        #expect(problem?.code == .malformed)
        #expect(problem?.errors.map(\.pointer) == [""])
    }

    @Test func `no body at all, and no word of it, is 411`() throws {
        var request = post("", type: "application/json")
        request.headers["Content-Length"] = nil
        let problem = #expect(throws: Problem.self) { try RequestBody.json(of: request) }
        #expect(problem?.code == .lengthRequired)
        #expect(try RequestBody.jsonOrNothing(of: request) == .object([]))
        request.headers["Transfer-Encoding"] = "chunked"
        let empty = #expect(throws: Problem.self) { try RequestBody.json(of: request) }
        #expect(empty?.code == .malformed)
    }

    @Test func `text that is not UTF-8 is malformed`() {
        var request = post("", type: "application/json")
        request.body = [0x22, 0xFF, 0x22]
        let problem = #expect(throws: Problem.self) { try RequestBody.json(of: request) }
        #expect(problem?.code == .malformed)
    }

    @Test func `where a body may be left out, none at all needs no type`() throws {
        #expect(try RequestBody.jsonOrNothing(of: post("", type: nil)) == .object([]))
        #expect(throws: Problem.self) { try RequestBody.jsonOrNothing(of: post("{}", type: nil)) }
        #expect(findings(RequestBody.nothing(in: ["a": 1])) == ["/a is not known here"])
    }

    // MARK: Headers

    @Test(arguments: ["a", "A-Z_09", String(repeating: "x", count: 64)])
    func `a caller's name for the request is taken over`(name: String) {
        #expect(RequestName.of(HTTPHeaders(["X-Request-Id": name]), at: noon) == name)
    }

    @Test(arguments: ["", "a b", "a.b", "ä", "a\r\nb", String(repeating: "x", count: 65)])
    func `or it gets one of ours`(name: String) {
        let own = RequestName.of(HTTPHeaders(["X-Request-Id": name]), at: noon)
        #expect(own.hasPrefix("req_"))
        #expect(own.utf8.count == 30)
    }

    @Test(arguments: [
        ("wait=5", Duration.seconds(5)), ("Wait = 5", .seconds(5)), ("wait=\"5\"", .seconds(5)),
        ("respond-async, wait=5", .seconds(5)), ("wait=5; x=1", .seconds(5)), ("wait=31", .seconds(30)),
        ("wait=999999999", .seconds(30)), ("wait=1, wait=9", .seconds(1)),
    ])
    func `a preference to wait is heeded up to thirty seconds`(header: String, wait: Duration) {
        #expect(WaitPreference.of(HTTPHeaders(["Prefer": header])) == wait)
    }

    @Test(arguments: [
        "wait", "wait=", "wait=0", "wait=-1", "wait=1.5", "wait=soon", "wait=9999999999", "return=minimal",
    ])
    func `one that cannot be read is ignored`(header: String) {
        #expect(WaitPreference.of(HTTPHeaders(["Prefer": header])) == nil)
    }

    @Test(arguments: ["a", "a b~", String(repeating: "k", count: 255)])
    func `an idempotency key is 1 to 255 of printable ASCII`(key: String) throws {
        #expect(try IdempotencyKey.of(HTTPHeaders(["Idempotency-Key": key]))?.text == key)
    }

    @Test(arguments: ["", "ä", "a\tb", String(repeating: "k", count: 256)])
    func `any other key is malformed`(key: String) {
        let problem = #expect(throws: Problem.self) { try IdempotencyKey.of(HTTPHeaders(["Idempotency-Key": key])) }
        #expect(problem?.code == .malformed)
        #expect(problem?.errors.map(\.pointer) == ["Idempotency-Key"])
    }

    @Test func `two keys are none, and none is none`() throws {
        #expect(throws: Problem.self) {
            try IdempotencyKey.of(HTTPHeaders(["Idempotency-Key": "a", "idempotency-key": "a"]))
        }
        #expect(try IdempotencyKey.of(HTTPHeaders()) == nil)
    }

    @Test func `two requests are the same when method, path, query and body are`() {
        func print(_ method: String, _ target: String, _ body: String) -> [UInt8] {
            IdempotencyKey.fingerprintInput(of: HTTPRequest(method: method, target: target, body: Array(body.utf8)))
        }
        let one = print("POST", "/v1/messages?dry_run=true", "{}")
        #expect(one == print("POST", "/v1/messages?dry_run=true", "{}"))
        let others = [
            print("PUT", "/v1/messages?dry_run=true", "{}"), print("POST", "/v1/messages", "{}"),
            print("POST", "/v1/messages?dry_run=true", "{} "), print("POST", "/v1/messagesdry_run=true", "{}"),
            print("POST", "/v1/messages?dry_run=tru", "e{}"),
        ]
        for other in others { #expect(one != other) }
        #expect(Set(others).count == others.count)
    }
}
