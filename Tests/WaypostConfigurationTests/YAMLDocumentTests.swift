import Testing
import WaypostConfiguration

@Suite struct YAMLDocumentTests {
    private enum Country: String, CaseIterable { case norway = "NO", netherlands = "NL" }

    @Test func `NO is a country, 21:00 a time and 0755 what was written`() throws {
        let yaml = "country: NO\ntime: 21:00\nmode: 0755\nversion: 1.10\nyes: y\nfloat: 1e3\nlist: [NO, NL, 010]"
        try read(yaml) { root in
            #expect(root.enumeration("country", of: Country.self) == .norway)
            #expect(root.string("time") == "21:00")
            #expect(root.string("mode") == "0755")
            #expect(root.string("version") == "1.10")
            #expect(root.string("yes") == "y")
            #expect(root.string("float") == "1e3")
            #expect(root.stringList("list") == ["NO", "NL", "010"])
            root.finish()
        }
    }

    @Test func `0755 as a number is seven hundred and fifty-five, since nobody means octal here`() throws {
        #expect(try read("mode: 0755") { $0.integer("mode", in: 0...1000) } == 755)
    }

    @Test(arguments: ["key:", "key: ~", "key: null", "key: Null", "key: NULL"])
    func `a key without a value is not set`(yaml: String) throws {
        #expect(try read(yaml) { $0.has("key") } == false)
    }

    @Test(arguments: ["key: \"\"", "key: ''"])
    func `an empty text in quotes is a value, and rarely a right one`(yaml: String) {
        #expect(
            problems(yaml) { $0.string("key") }
                == ["waypost.yaml:1: key: is empty; write a value, or remove the key"])
    }

    @Test(arguments: ["", "\n", "# nothing\n", "---\n", "~", "{}"])
    func `an empty file is an empty section`(yaml: String) throws {
        #expect(try read(yaml) { $0.keys } == [])
    }

    @Test func `a byte order mark does no harm`() throws {
        let file = try ConfigurationFile(
            bytes: [0xEF, 0xBB, 0xBF] + Array("key: value".utf8), folder: "/", environment: [:])
        #expect(try file.read { $0.string("key") } == "value")
    }

    @Test func `anchors are copied and merged, and what a section says itself wins`() throws {
        let yaml = """
            x-base: &base {a: 1, b: 1}
            x-more: &more {b: 2, c: 2}
            own: {<<: [*base, *more], a: 0}
            same: *base
            """
        try read(yaml) { root in
            var own = root.sectionOrEmpty("own")
            #expect(own.integer("a", in: 0...9) == 0)
            #expect(own.integer("b", in: 0...9) == 1)
            #expect(own.integer("c", in: 0...9) == 2)
            own.finish()
            var same = root.sectionOrEmpty("same")
            #expect(same.integer("b", in: 0...9) == 1)
        }
    }

    @Test(arguments: [
        ("[1, 2]", "waypost.yaml:1: is a list; write sections like `server:` and `providers:`"),
        ("\nhello", "waypost.yaml:2: is a single value; write sections like `server:` and `providers:`"),
        ("a: 1\n---\nb: 2", "waypost.yaml:2: holds a second document; keep one, without `---` between"),
        ("a: !secret x", "waypost.yaml:1: a: has the tag !secret, which means nothing here; remove it"),
        ("a: &x 1\nb: *y", "waypost.yaml:2: is not YAML"), ("a: 1\nb: [1, 2\nc: 3", "waypost.yaml:3: is not YAML"),
        ("a:\n\t- b", "waypost.yaml:2: is not YAML"), ("a: 1\nb: {c: 1, c: 2}", "waypost.yaml:2: "),
        ("a: \"\u{1}\"", "waypost.yaml:1: is not YAML"), ("{a: 1}: 2", "waypost.yaml:1: has a key that is no text"),
        ("a: {<<: 5}", "waypost.yaml:1: a: merges something that is no section"),
    ])
    func `what is no configuration is refused with its line`(yaml: String, beginning: String) {
        let found = problems(yaml) { _ in }
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix(beginning) == true, "\(found)")
    }

    @Test func `a key that stands twice is named with its section`() {
        let found = problems("server:\n  listen: a\n  listen: b\n") { $0.ignore { _ in true } }
        #expect(found.count == 1)
        #expect(found.first?.contains("listen: stands twice in its section; keep one of the two") == true, "\(found)")
    }

    @Test func `what is wrong with the text never shows a secret from it`() {
        for yaml in ["api_key: hunter2\n  x: [", "api_key: \"hunter2", "api_key: hunter2\napi_key: hunter2"] {
            let found = problems(yaml) { $0.secret("api_key") }
            #expect(!found.isEmpty)
            #expect(!found.joined().contains("hunter2"), "\(found)")
        }
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        #expect(throws: ConfigurationProblems.self) {
            try ConfigurationFile(bytes: [0x61, 0x3A, 0x20, 0xFF], folder: "/", environment: [:])
        }
    }

    @Test func `anchors of anchors cannot fill the memory`() {
        var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...6 {
            let copies = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            yaml += "a\(level): &a\(level) [\(copies)]\n"
        }
        let found = problems(yaml) { $0.ignore { _ in true } }
        #expect(found == ["waypost.yaml: grows beyond 200000 values through its anchors; use fewer of them"])
    }
}
