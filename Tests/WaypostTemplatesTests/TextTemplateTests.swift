import Testing
import WaypostJSON
import WaypostTemplates

@Suite struct TextTemplateTests {
    private func render(_ source: String, _ variables: String, _ form: TextTemplate.Form = .plain) throws
        -> TextTemplate.Outcome
    {
        try TextTemplate(source, form: form).render(try JSONValue(parsing: Array(variables.utf8)))
    }

    @Test(arguments: [
        ("Order {{order}} is on its way", #"{"order": "42"}"#, "Order 42 is on its way"),
        ("{{ a }}{{b}}{{c}}{{d}}", #"{"a": 5, "b": true, "c": 1.5, "d": null}"#, "5true1.5"),
        ("a\r\nb\n", "{}", "a\r\nb\n"), ("\n\na", "{}", "\n\na"), ("", "{}", ""), ("  {{a}}", #"{"a": "x"}"#, "  x"),
        (
            "{{#items}}{{name}}: {{n}}\n{{/items}}", #"{"items": [{"name": "a", "n": 1}, {"name": "b", "n": 2}]}"#,
            "a: 1\nb: 2\n"
        ),
        ("{{#items}}\n- {{.}}\n{{/items}}\n", #"{"items": ["a", "b"]}"#, "- a\n- b\n"),
        ("{{#items}}{{.}}{{/items}}{{^items}}none{{/items}}", #"{"items": []}"#, "none"),
        ("{{#items}}{{shop}}{{.}}{{/items}}", #"{"items": [1, 2], "shop": "s"}"#, "s1s2"),
        ("{{#user}}{{name}} {{shop}}{{/user}} {{user.name}}", #"{"user": {"name": "J"}, "shop": "s"}"#, "J s J"),
        ("{{#note}}({{note}}){{/note}}.", #"{"note": ""}"#, "."),
        ("{{#note}}({{note}}){{/note}}", #"{"note": "n"}"#, "(n)"),
        ("{{#vip}}VIP{{/vip}}{{^vip}}you{{/vip}}", #"{"vip": false}"#, "you"),
        ("{{uppercased(a)}}", #"{"a": "x"}"#, "X"), ("{{plusone(a)}}", #"{"a": 9223372036854775807}"#, ""),
        ("{{a}}", #"{"a": {"b": [1, "x"]}}"#, #"{"b":[1,"x"]}"#), ("{{! a note }}x", "{}", "x"),
        ("{{=<% %>=}}<%a%>{{b}}", #"{"a": "x"}"#, "x{{b}}"), ("{{a}}", #"{"a": "{{b}}"}"#, "{{b}}"),
        ("{{ä}}".replacing("ä", with: "a-b_c"), #"{"a-b_c": "ä"}"#, "ä"),
    ])
    func `variables take their places`(source: String, variables: String, text: String) throws {
        #expect(try render(source, variables) == .text(text))
    }

    @Test func `plain text is not escaped, HTML is, and three braces ask for neither`() throws {
        let variables = #"{"a": "<b>\"&' x"}"#
        #expect(try render("{{a}}", variables) == .text(#"<b>"&' x"#))
        #expect(try render("<p>{{a}}", variables, .html) == .text("<p>&lt;b&gt;&quot;&amp;&#39; x"))
        #expect(try render("{{{a}}}{{&a}}", variables, .html) == .text(#"<b>"&' x<b>"&' x"#))
        #expect(try render("{{#l}}{{.}}{{/l}}", #"{"l": ["<"]}"#, .html) == .text("&lt;"))
        #expect(try render("{{uppercased(a)}}", #"{"a": "<b"}"#, .html) == .text("&lt;B"))
    }

    @Test func `a mark behind a quote does not carry it past the escaping`() throws {
        #expect(
            try render("{{a}}", #"{"a": "\"\u0301 onload=<\u0338b>"}"#, .html)
                == .text("&quot;\u{301} onload=&lt;\u{338}b&gt;"))
    }

    @Test(arguments: [
        ("{{a}} {{b}} {{a}}", "{}", ["a", "b"]), ("{{a}}{{b}}", #"{"a": "x"}"#, ["b"]),
        ("{{user.name}}", "{}", ["user/name"]), ("{{user.name}}", #"{"user": {}}"#, ["user/name"]),
        ("{{user.name.first}}", #"{"user": {"name": "J"}}"#, ["user/name/first"]),
        ("{{#a}}{{b}}{{/a}}", #"{"a": {"c": 1}}"#, ["b"]), ("{{#a}}{{b}}{{/a}}", #"{"a": [{"b": 1}, {}]}"#, ["b"]),
        ("{{#a}}{{b.c}}{{/a}}", #"{"a": [{"b": {}}]}"#, ["a/0/b/c"]), ("{{{a}}}{{&b}}", "{}", ["a", "b"]),
        ("{{lowercased(a)}}", "{}", ["a"]), ("{{^a}}{{b}}{{/a}}", "{}", ["b"]),
        ("{{#user}}{{name}}{{/user}}{{user.age}}", #"{"user": {"name": "J"}}"#, ["user/age"]),
    ])
    func `a name that is written and was not given is missing`(source: String, variables: String, names: [String])
        throws
    {
        guard case .missing(let missing) = try render(source, variables) else {
            Issue.record("\(try render(source, variables))")
            return
        }
        #expect(missing.map { $0.joined(separator: "/") } == names)
    }

    @Test(arguments: [
        ("{{#a}}x{{/a}}", "{}", ""), ("{{^a}}x{{/a}}", "{}", "x"), ("{{#a}}{{b}}{{/a}}", "{}", ""),
        ("{{#user.nick}}({{user.nick}}){{/user.nick}}", #"{"user": {}}"#, ""),
        ("{{#user.nick}}({{user.nick}}){{/user.nick}}", "{}", ""), ("{{^user.nick}}x{{/user.nick}}", "{}", "x"),
    ])
    func `a name that only opens a section may be absent`(source: String, variables: String, text: String) throws {
        #expect(try render(source, variables) == .text(text))
    }

    @Test(arguments: [
        ("{{a", "a tag is not finished"), ("{{#a}}x", "a section is not closed"),
        ("{{#a}}x{{/b}}", "a section is closed"),
        ("{{/a}}", "a section is closed"), ("{{a b}}", "a tag is not finished"), ("{{> a}}", "there are no partials"),
        ("{{<a}}{{/a}}", "there are no partials"), ("{{% X: y}}", "a pragma is not known"),
        ("one\ntwo {{a b}}\nthree", "at line 2"),
    ])
    func `a text that is no template is told what it lacks`(source: String, complaint: String) throws {
        do throws(TextTemplate.Flaw) {
            _ = try TextTemplate(source)
            Issue.record("it was taken")
        } catch {
            #expect(error.complaint.contains(complaint), "\(error.complaint)")
            #expect(!error.wayOut.isEmpty)
        }
    }

    @Test func `lists within lists end at a bound`() throws {
        let list = "[" + Array(repeating: "1", count: 2000).joined(separator: ",") + "]"
        let nested = "{{#a}}{{#a}}{{#a}}x{{/a}}{{/a}}{{/a}}"
        #expect(try render(nested, #"{"a": \#(list)}"#) == .tooMuch)
        #expect(try render("{{#a}}{{.}}{{/a}}", #"{"a": \#(list)}"#) == .text(String(repeating: "1", count: 2000)))
        let long = String(repeating: "y", count: 100_000)
        #expect(try render("{{#a}}{{b}}{{/a}}", #"{"a": \#(list), "b": "\#(long)"}"#) == .tooMuch)
    }

    @Test func `objects with many members cost what it takes to look through them`() throws {
        let many = (0..<5000).map { "\"k\($0)\": \($0)" }.joined(separator: ",")
        let list = "[" + Array(repeating: "1", count: 2000).joined(separator: ",") + "]"
        let variables = #"{"a": \#(list), "big": {\#(many)}, \#(many)}"#
        #expect(try render("{{k1}}{{big.k2}}{{#big}}{{k3}}{{/big}}", variables) == .text("123"))
        #expect(try render("{{#a}}{{k1}}{{/a}}", variables) == .text(String(repeating: "1", count: 2000)))
        #expect(try render("{{#a}}{{big.k1}}{{/a}}", variables) == .tooMuch)
    }
}
