import Testing
import WaypostConfiguration

@Suite struct ExpansionTests {
    static let environment = ["NAME": "jane", "EMPTY": "", "DOLLAR": "${NAME}", "YAML": "a: [b\n- {", "_x1": "y"]

    @Test(arguments: [
        ("${NAME}", "jane"), ("<${NAME}>", "<jane>"), ("${NAME}${NAME}", "janejane"), ("${_x1}", "y"),
        ("${NAME:-joe}", "jane"), ("${NOBODY:-joe}", "joe"), ("${EMPTY:-joe}", "joe"), ("a${NOBODY:-}b", "ab"),
        ("${NOBODY:-a:-b}", "a:-b"), ("$$", "$"), ("$${NAME}", "${NAME}"), ("$$$$", "$$"), ("$NAME", "$NAME"),
        ("5$", "5$"), ("${DOLLAR}", "${NAME}"), ("a${EMPTY}b", "ab"), ("file: with a blank", "file: with a blank"),
    ])
    func `a value is expanded once, from the environment`(raw: String, expanded: String) throws {
        let text = try read("key: '\(raw)'", environment: Self.environment) { $0.text("key") }
        #expect(text == expanded)
    }

    @Test func `nothing in a variable changes the structure of the file`() throws {
        let text = try read("key: ${YAML}", environment: Self.environment) { $0.text("key") }
        #expect(text == "a: [b\n- {")
    }

    @Test(arguments: ["key: ${EMPTY}", "key: ${NOBODY:-}", "key: '${NOBODY:-}'", "key: \"${EMPTY}\""])
    func `what expands to nothing is as if the key were not there`(yaml: String) throws {
        #expect(try read(yaml, environment: Self.environment) { $0.has("key") } == false)
        #expect(try read(yaml, environment: Self.environment) { $0.string("key") } == nil)
    }

    @Test(arguments: [
        (
            "${NOBODY}",
            "needs the environment variable NOBODY, which is not set; set it, or write ${NOBODY:-default}"
        ),
        ("${NAME", "has ${ without a closing }; write $$ for a dollar"),
        ("${}", "has ${…} without a variable's name in it; write ${NAME}, ${NAME:-default}, or $$ for a dollar"),
        ("${1A}", "has ${…} without a variable's name in it; write ${NAME}, ${NAME:-default}, or $$ for a dollar"),
        ("${A-B}", "has ${…} without a variable's name in it; write ${NAME}, ${NAME:-default}, or $$ for a dollar"),
        ("${NAME:?no}", "has ${NAME… in a form that is not known; write ${NAME:-default}"),
    ])
    func `what cannot be expanded is told with its line and key, and only once`(raw: String, complaint: String) {
        let found = problems("first: 1\nsecond:\n  key: '\(raw)'", environment: Self.environment) { root in
            _ = root.integer("first", in: 0...9)
            var second = root.section("second")
            _ = second?.requiredString("key")
            second?.finish()
        }
        #expect(found == ["waypost.yaml:3: second.key: \(complaint)"])
    }

    @Test(arguments: [
        ("secret\n", "secret"), ("secret\r\n", "secret"), ("secret", "secret"), ("a\nb\n\n", "a\nb\n"),
        ("${NAME} $$\n", "${NAME} $$"),
    ])
    func `a file's contents are the value, without one newline and not expanded`(
        contents: String, value: String
    ) throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("secret", contents.utf8)
        #expect(try read("key: file:\(path)") { $0.text("key") } == value)
        #expect(try read("key: file:secret", folder: folder.path) { $0.text("key") } == value)
        let named = try read("key: file:${WHERE}", environment: ["WHERE": path]) { $0.text("key") }
        #expect(named == value)
    }

    @Test func `a file that cannot serve as a secret is told by its path, never by what it holds`() throws {
        let folder = try TemporaryFolder()
        try folder.file("empty", "\n".utf8)
        try folder.file("binary", [0xFF, 0xFE])
        try folder.file("large", repeatElement(UInt8(ascii: "x"), count: 1 << 20 | 1))
        let yaml = "a: file:gone\nb: file:empty\nc: file:binary\nd: file:large"
        let found = problems(yaml, folder: folder.path) { root in
            for key in ["a", "b", "c", "d"] { _ = root.requiredSecret(key) }
        }
        let path = folder.path
        #expect(
            found == [
                "waypost.yaml:1: a: cannot be read from \(path)/gone: No such file or directory; "
                    + "check the path and its rights",
                "waypost.yaml:2: b: names \(path)/empty, which is empty; fill it",
                "waypost.yaml:3: c: names \(path)/binary, which is not UTF-8 text; check the path",
                "waypost.yaml:4: d: cannot be read from \(path)/large: it is larger than 1048576 bytes; "
                    + "check the path and its rights",
            ])
    }
}
