import Testing
import WaypostAPI
import WaypostCore
import WaypostJSON

@Suite struct SendBatchTests {
    private func decode(_ body: String) throws -> Result<[Result<Draft, Problem>], Problem> {
        SendBatch.decode(try JSONValue(parsing: Array(body.utf8)), at: noon)
    }
    private static let content = #""channel": "email", "content": {"subject": "Hi", "text": "Hello"}"#
    private static let good = #"{\#(content), "to": "jane@example.com"}"#

    @Test func `one bad message does not spoil the others, and pointers begin at the body's root`() throws {
        let results = try decode(
            #"{"messages": [\#(Self.good), {"channel": "email", "to": 5, "x": 1}, 7, \#(Self.good)]}"#
        ).get()
        #expect(results.map { (try? $0.get()) != nil } == [true, false, false, true])
        #expect(Set(pointers(results[1])) == ["/messages/1/to", "/messages/1/x", "/messages/1/content"])
        #expect(code(results[1]) == .malformed)
        #expect(pointers(results[2]) == ["/messages/2"])
    }

    @Test func `what all share is said once, and every recipient gets a message of their own`() throws {
        let results = try decode(
            """
            {\(Self.content), "tags": ["a"], "metadata": {"order": "1", "shop": "x"}, "recipients": [
              {"to": "jane@example.com"}, {"to": [{"email": "joe@example.com"}], "metadata": {"order": "2"}},
              {"to": "nobody"}, {"to": "x@example.com", "variables": {}}, {}]}
            """
        ).get()
        let first = try results[0].get()
        #expect(first.deliveries.map(\.address) == ["jane@example.com"])
        #expect(first.metadata.map { "\($0.key)=\($0.value)" } == ["order=1", "shop=x"])
        #expect(first.tags == ["a"])
        let second = try results[1].get()
        #expect(second.deliveries.map(\.address) == ["joe@example.com"])
        #expect(Set(second.metadata.map { "\($0.key)=\($0.value)" }) == ["order=2", "shop=x"])
        #expect(pointers(results[2]) == ["/recipients/2/to"])
        #expect(pointers(results[3]) == ["/recipients/3/variables"])
        #expect(findings(results[4]) == ["/recipients/4/to is required"])
    }

    @Test func `a shared copy that is a recipient too is that recipient's fault`() throws {
        let results = try decode(
            """
            {"channel": "email", "content": {"subject": "Hi", "text": "a", "cc": "boss@example.com"},
             "recipients": [{"to": "jane@example.com"}, {"to": "boss@example.com"}]}
            """
        ).get()
        #expect((try? results[0].get()) != nil)
        #expect(pointers(results[1]) == ["/recipients/1/to"])
    }

    @Test(arguments: [
        (#"{}"#, "", ProblemCode.invalid), (#"[]"#, "", .malformed), (#"{"messages": {}}"#, "/messages", .malformed),
        (#"{"messages": []}"#, "/messages", .invalid), (#"{\#(content), "recipients": []}"#, "/recipients", .invalid),
        (#"{"messages": [\#(good)], "tags": []}"#, "/tags", .malformed),
        (#"{"messages": [\#(good)], "recipients": []}"#, "/recipients", .malformed),
        (#"{\#(content), "recipients": [{"to": "a@example.com"}], "to": "b@example.com"}"#, "/to", .malformed),
        (
            #"{"channel": "email", "content": {"subject": "Hi"}, "recipients": [{"to": "a@example.com"}]}"#, "/content",
            .invalid
        ),
        (#"{\#(content), "ttl": "0s", "recipients": [{"to": "a@example.com"}]}"#, "/ttl", .invalid),
    ])
    func `what all share, and the form itself, spoil the whole`(body: String, pointer: String, word: ProblemCode) throws
    {
        let result = try decode(body)
        #expect(code(result) == word)
        #expect(pointers(result) == [pointer], "\(findings(result))")
    }

    @Test func `a batch holds a thousand`() throws {
        func batch(_ count: Int) -> String {
            #"{"messages": [\#(Array(repeating: "1", count: count).joined(separator: ","))]}"#
        }
        #expect(try decode(batch(1000)).get().count == 1000)
        #expect(findings(try decode(batch(1001))) == ["/messages must hold 1 to 1000 elements, not 1001"])
    }

    @Test func `shared and own metadata together are twenty pairs at most`() throws {
        let shared = (0..<20).map { "\"k\($0)\": \"v\"" }.joined(separator: ",")
        let results = try decode(
            """
            {\(Self.content), "metadata": {\(shared)}, "recipients": [
              {"to": "a@example.com", "metadata": {"k1": "own"}}, {"to": "b@example.com", "metadata": {"more": "v"}}]}
            """
        ).get()
        #expect((try? results[0].get().metadata.count) == 20)
        #expect(pointers(results[1]) == ["/recipients/1/metadata"])
    }
}
