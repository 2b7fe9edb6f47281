import Testing

@testable import WaypostServer

@Suite struct RouterTests {
    private static let router = {
        var router = Router<Int>()
        router.add("GET", "/v1/messages", 1)
        router.add("POST", "/v1/messages", 2)
        router.add("GET", "/v1/messages/{id}", 3)
        router.add("GET", "/v1/messages/search", 4)
        router.add("POST", "/v1/{kind}/{id}/retry", 5)
        router.add("DELETE", "/v1/messages/{id}", 6)
        router.add("GET", "/", 7)
        return router
    }()

    private func match(_ method: String, _ path: Substring) -> Router<Int>.Match {
        Self.router.match(method: method, path: path)
    }

    @Test func `method and path together find the route`() {
        #expect(match("GET", "/v1/messages") == .found(1, pattern: "/v1/messages", parameters: [:]))
        #expect(match("POST", "/v1/messages") == .found(2, pattern: "/v1/messages", parameters: [:]))
        #expect(match("GET", "/") == .found(7, pattern: "/", parameters: [:]))
    }

    @Test func `a parameter takes one segment, decoded`() {
        let pattern = "/v1/messages/{id}"
        #expect(match("GET", "/v1/messages/42") == .found(3, pattern: pattern, parameters: ["id": "42"]))
        #expect(
            match("GET", "/v1/messages/a%2Fb%20%C3%A4+") == .found(3, pattern: pattern, parameters: ["id": "a/b ä+"]))
        #expect(match("GET", "/v1/messages/") == .notFound)
        #expect(match("GET", "/v1/messages/a/b") == .notFound)
    }

    @Test(arguments: ["%00", "%", "%4", "%zz", "%ff"])
    func `a parameter that does not decode is no parameter`(segment: String) {
        #expect(match("GET", "/v1/messages/\(segment)"[...]) == .notFound)
    }

    @Test func `the literal segment wins, and where it leads nowhere the parameter is tried`() {
        #expect(match("GET", "/v1/messages/search") == .found(4, pattern: "/v1/messages/search", parameters: [:]))
        #expect(
            match("POST", "/v1/messages/7/retry")
                == .found(5, pattern: "/v1/{kind}/{id}/retry", parameters: ["kind": "messages", "id": "7"]))
    }

    @Test func `an escaped literal is the literal, in the same case`() {
        #expect(match("GET", "/v1/mess%61ges") == .found(1, pattern: "/v1/messages", parameters: [:]))
        #expect(match("GET", "/v1/Messages") == .notFound)
        #expect(match("GET", "/v1%2Fmessages") == .notFound)
    }

    @Test func `another method on a known path is told those that are known`() {
        #expect(match("PUT", "/v1/messages") == .methodNotAllowed(allow: ["GET", "HEAD", "POST"]))
        #expect(match("GET", "/v1/x/1/retry") == .methodNotAllowed(allow: ["POST"]))
        #expect(match("get", "/v1/messages") == .methodNotAllowed(allow: ["GET", "HEAD", "POST"]))
    }

    @Test func `HEAD is served by GET unless it has a route of its own`() {
        #expect(match("HEAD", "/v1/messages") == .found(1, pattern: "/v1/messages", parameters: [:]))
        #expect(match("HEAD", "/v1/x/1/retry") == .methodNotAllowed(allow: ["POST"]))
        var router = Self.router
        router.add("HEAD", "/v1/messages", 8)
        #expect(
            router.match(method: "HEAD", path: "/v1/messages") == .found(8, pattern: "/v1/messages", parameters: [:]))
    }

    @Test(arguments: ["", "*", "v1/messages", "/v1/messages/", "//v1/messages", "/v1", "/v1//messages", "/v2/messages"])
    func `another path is not found`(path: String) {
        #expect(match("GET", path[...]) == .notFound)
    }

    @Test func `adding the same method and path again replaces the route`() {
        var router = Self.router
        router.add("GET", "/v1/messages", 9)
        #expect(
            router.match(method: "GET", path: "/v1/messages") == .found(9, pattern: "/v1/messages", parameters: [:]))
    }
}

@Suite struct QueryItemsTests {
    @Test func `items stand in their order, decoded`() throws {
        let items = try #require(QueryItems("to=a%40b.example&tag=x&tag=y+z&flag&empty=&a=b=c"))
        #expect(items.items.map(\.name) == ["to", "tag", "tag", "flag", "empty", "a"])
        #expect(items.items.map(\.value) == ["a@b.example", "x", "y z", "", "", "b=c"])
        #expect(items["tag"] == "x")
        #expect(items["TAG"] == nil)
    }

    @Test func `separators alone are nothing`() {
        #expect(QueryItems("")?.items == [])
        #expect(QueryItems("&&")?.items == [])
        #expect(QueryItems("=v")?.items.map(\.value) == ["v"])
    }

    @Test(arguments: ["a=%", "a=%4", "a=%g0", "a=%00", "%ff=a", "a=%C3", "ok=1&%0"])
    func `what does not decode is nil`(query: String) { #expect(QueryItems(query) == nil) }

    @Test func `a plus is a blank in a query alone, an escaped one never`() {
        #expect(QueryItems("a+b=c%2Bd")?.items.first?.name == "a b")
        #expect(QueryItems("a+b=c%2Bd")?.items.first?.value == "c+d")
        #expect(PercentEncoding.decode("a+b%2bc") == "a+b+c")
        #expect(PercentEncoding.decode("%E2%82%ac") == "€")
    }
}
