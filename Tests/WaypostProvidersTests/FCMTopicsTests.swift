import Testing

@testable import WaypostProviders

@Suite struct FCMTopicsTests {
    @Test(arguments: ["a", "news-1.2_~%", String(repeating: "x", count: 900)])
    func `a name is of the letters that FCM knows`(name: String) { #expect(FCMTopics.isName(name)) }

    @Test(arguments: ["", "a b", "/topics/x", "ü", "a/b", String(repeating: "x", count: 901), "a'b", "a\n"])
    func `other names are refused`(name: String) { #expect(!FCMTopics.isName(name)) }

    @Test(arguments: [
        "'a' in topics", "!'a' in topics", "!!('a' in topics)", "'a' in topics&&'b' in topics",
        "'a' in topics && ('b' in topics || !('c' in topics))", "  ( ( 'a'  in  topics ) )  ",
        "'a' in topics || 'b' in topics || 'c' in topics || 'd' in topics || 'e' in topics",
        String(repeating: "(", count: 5000) + "'a' in topics" + String(repeating: ")", count: 5000),
    ])
    func `a condition is made of topics and what joins them`(text: String) {
        #expect(FCMTopics.complaint(ofCondition: text) == nil)
    }

    @Test(arguments: [
        ("", "ends too early"), ("'a' in topics &&", "ends too early"), ("!", "ends too early"),
        ("'a' in topics 'b' in topics", "lacks && or ||"), ("'a' in topics & 'b' in topics", "lacks && or ||"),
        ("('a' in topics", "does not close"), ("'a' in topics)", "did not open"), ("()", "is not made of"),
        ("a in topics", "is not made of"), ("'a b' in topics", "is not made of"), ("'a in topics", "is not made of"),
        ("'a' in groups", "is not made of"), ("\"a\" in topics", "is not made of"), ("'' in topics", "is not made of"),
        ("&& 'a' in topics", "is not made of"),
        (
            "'a' in topics || 'b' in topics || 'c' in topics || 'd' in topics || 'e' in topics || 'f' in topics",
            "at most 5"
        ),
    ])
    func `what is wrong with a condition is said`(text: String, words: String) {
        #expect(FCMTopics.complaint(ofCondition: text)?.contains(words) == true)
    }
}
