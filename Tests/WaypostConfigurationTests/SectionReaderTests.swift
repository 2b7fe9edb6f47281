import Testing
import WaypostConfiguration

@Suite struct SectionReaderTests {
    @Test func `all problems come at once, by line, with the way out of each`() {
        let yaml = """
            server:
              listen: a
              listne: b
            store:
              size: many
              span: 10 seconds
            extra: 1
            """
        let found = problems(yaml) { root in
            var store = root.sectionOrEmpty("store")  // read in another order than the file's
            _ = store.integer("size", in: 1...10)
            _ = store.duration("span")
            store.finish()
            var server = root.sectionOrEmpty("server")
            _ = server.string("listen")
            _ = server.requiredString("name")
            server.finish()
            root.finish()
        }
        #expect(
            found == [
                "waypost.yaml:2: server.name: is missing; add it",
                "waypost.yaml:3: server.listne: is not a setting; did you mean listen?",
                "waypost.yaml:5: store.size: \"many\" is not a whole number; write a whole number from 1 to 10",
                "waypost.yaml:6: store.span: \"10 seconds\" is not a duration; write 500ms, 10s, 5m, 24h or 7d",
                "waypost.yaml:7: extra: is not a setting; remove it, or write one of store, server",
            ])
    }

    @Test func `a key of another section is not taken for known`() {
        let found = problems("a: {x: 1}\nb: {x: 1}") { root in
            for key in ["a", "b"] {
                var section = root.sectionOrEmpty(key)
                if key == "a" { _ = section.integer("x", in: 0...9) }
                section.finish()
            }
        }
        #expect(found == ["waypost.yaml:2: b.x: is not a setting; remove it"])
    }

    @Test(arguments: [
        ("recovry", "recovery"), ("recoveyr", "recovery"), ("Recovery", "recovery"), ("recover", "recovery"),
        ("window", "window"), ("wnidow", "window"), ("failure", "failures"),
    ])
    func `a slip of the pen is understood`(written: String, meant: String) {
        #expect(Spelling.nearest(to: written, among: ["failures", "recovery", "window"]) == meant)
    }

    @Test(arguments: ["banana", "x", "ca", "rec", "slow_call", ""])
    func `what is too far from anything is not guessed at`(written: String) {
        #expect(Spelling.nearest(to: written, among: ["failures", "recovery", "window"]) == nil)
    }

    @Test(arguments: [
        ("key: 5", "is a single value; write a section, like {name: value}"),
        ("key: [1]", "is a list; write a section, like {name: value}"),
    ])
    func `a value in a section's place is complained of`(yaml: String, complaint: String) {
        #expect(problems(yaml) { $0.section("key") == nil } == ["waypost.yaml:1: key: \(complaint)"])
    }

    @Test func `the elements of a list of sections have paths and lines of their own`() {
        let yaml = "keys:\n  - {name: a}\n  - 5\n  - nmae: b\n  -\n"
        let found = problems(yaml) { root in
            for var key in root.sectionList("keys") ?? [] {
                _ = key.string("name")
                key.finish()
            }
        }
        #expect(
            found == [
                "waypost.yaml:3: keys[1]: is a single value; write a section, like {name: value}",
                "waypost.yaml:4: keys[2].nmae: is not a setting; did you mean name?",
                "waypost.yaml:5: keys[3]: is nothing; write a section, like {name: value}",
            ])
    }

    @Test func `a list of sections takes no section, and none at all is not the same as an empty one`() throws {
        #expect(
            problems("keys: {a: 1}") { $0.sectionList("keys") == nil }
                == ["waypost.yaml:1: keys: is a section; write a list of sections, like [{name: value}]"])
        #expect(try read("a: 1") { $0.sectionList("keys")?.count } == nil)
        #expect(try read("keys: []") { $0.sectionList("keys")?.count } == 0)
    }

    @Test func `sections by name come in the order of the file`() throws {
        let names = try read("providers: {ses: {}, apple: {}, relay: {}}") { root in
            root.sections("providers").map(\.name)
        }
        #expect(names == ["ses", "apple", "relay"])
    }

    private enum Size: String, CaseIterable { case small, large }

    @Test func `a table takes the words of its keys and no other`() throws {
        let table = try read("t: {small: 1s, large: 2s}") { root in
            var section = root.sectionOrEmpty("t")
            return section.table(of: Size.self) { $0.duration($1.rawValue) }
        }
        #expect(table == [.small: .seconds(1), .large: .seconds(2)])
        let found = problems("t: {small: 1s, lagre: 2s}") { root in
            var section = root.sectionOrEmpty("t")
            _ = section.table(of: Size.self) { $0.duration($1.rawValue) }
        }
        #expect(found == ["waypost.yaml:1: t.lagre: is not a setting; did you mean large?"])
    }

    @Test func `the version is of twelve digits and changes with the file`() throws {
        let one = try ConfigurationFile(bytes: Array("a: 1".utf8), folder: "/", environment: [:])
        let same = try ConfigurationFile(bytes: Array("a: 1".utf8), folder: "/", environment: [:])
        let other = try ConfigurationFile(bytes: Array("a: 2".utf8), folder: "/", environment: [:])
        #expect(one.version.utf8.count == 12)
        #expect(one.version.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        #expect(one.version == same.version)
        #expect(one.version != other.version)
    }

    @Test func `a file that is not there is told by its name`() {
        let problems = #expect(throws: ConfigurationProblems.self) {
            try ConfigurationFile.load(path: "/nowhere/waypost.yaml", environment: [:])
        }
        #expect(
            problems?.description
                == "/nowhere/waypost.yaml: cannot be read: No such file or directory; name the file with --config")
    }

    @Test func `relative paths begin at the file's folder`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("waypost.yaml", "path: data/waypost.db\nabsolute: /var/waypost.db".utf8)
        let file = try ConfigurationFile.load(path: path, environment: [:])
        let paths = try file.read { [$0.path("path"), $0.path("absolute")] }
        #expect(paths == ["\(folder.path)/data/waypost.db", "/var/waypost.db"])
    }
}
