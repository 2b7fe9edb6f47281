import Testing
import WaypostConfiguration

@Suite struct ValueTests {
    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("10s", .seconds(10)), ("5m", .seconds(300)), ("24h", .seconds(86_400)),
        ("7d", .seconds(604_800)), ("0", .zero), ("0s", .zero), ("007s", .seconds(7)),
    ])
    func `a duration is one whole number and one unit`(text: String, duration: Duration) throws {
        #expect(try read("key: \(text)") { $0.duration("key") } == duration)
    }

    @Test(arguments: [
        "10", "10 s", "1.5h", "-5s", "+5s", "s", "1h30m", "5min", "1w", "10S", "٣s", "99999999999999999999d",
        "9223372036854775807d", "PT5S", "1_000s",
    ])
    func `anything else is no duration`(text: String) {
        #expect(
            problems("key: \"\(text)\"") { $0.duration("key") }
                == [
                    "waypost.yaml:1: key: \"\(text)\" is not a duration; write 500ms, 10s, 5m, 24h or 7d"
                ])
    }

    @Test func `a duration out of its range is told what would do`() {
        let found = problems("key: 2h") { $0.duration("key", in: .milliseconds(100) ... .seconds(3600)) }
        #expect(found == ["waypost.yaml:1: key: \"2h\" is out of range; write 100ms to 1h"])
        let short = problems("key: 1s") { $0.duration("key", in: .seconds(60) ... .century) }
        #expect(short == ["waypost.yaml:1: key: \"1s\" is out of range; write 1m or more"])
    }

    @Test(arguments: [
        ("1MiB", 1_048_576), ("512KiB", 524_288), ("10MB", 10_000_000), ("1kB", 1000), ("1KB", 1000), ("1000", 1000),
        ("7B", 7), ("1GiB", 1 << 30),
    ])
    func `a size is a number of bytes with or without a unit`(text: String, bytes: Int) throws {
        #expect(try read("key: \(text)") { $0.byteSize("key", default: 0, in: 0...(1 << 40)) } == bytes)
    }

    @Test(arguments: ["1 MiB", "1.5MiB", "MiB", "1mb", "1M", "-1", "9223372036854775807GiB"])
    func `anything else is no size`(text: String) {
        #expect(
            problems("key: \(text)") { $0.byteSize("key", default: 0, in: 1024...(1 << 30)) }
                == [
                    "waypost.yaml:1: key: \"\(text)\" is not a size; write 1KiB to 1GiB, like 512KiB or 10MB"
                ])
    }

    @Test(arguments: ["1.5", "0x10", "1e3", "ten", "1 000", "99999999999999999999", "1_000", "true"])
    func `a whole number is written in digits`(text: String) {
        #expect(
            problems("key: \(text)") { $0.integer("key", in: 1...10) }
                == [
                    "waypost.yaml:1: key: \"\(text)\" is not a whole number; write a whole number from 1 to 10"
                ])
    }

    @Test(arguments: ["0x1p3", "inf", "nan", "1e3", "half"])
    func `a number is decimal`(text: String) {
        #expect(
            problems("key: \(text)") { $0.number("key", in: 0...1) }
                == ["waypost.yaml:1: key: \"\(text)\" is not a number; write a number from 0 to 1"])
    }

    @Test func `numbers out of their range are refused, and the default stands in`() {
        let found = problems("a: 11\nb: 1.5") { root in
            #expect(root.integer("a", default: 5, in: 1...10) == 5)
            #expect(root.number("b", default: 0.5, in: 0...1) == 0.5)
        }
        #expect(
            found == [
                "waypost.yaml:1: a: \"11\" is out of range; write a whole number from 1 to 10",
                "waypost.yaml:2: b: \"1.5\" is out of range; write a number from 0 to 1",
            ])
    }

    @Test func `truth has the words people use`() throws {
        for text in ["true", "yes", "on", "True", "YES"] {
            #expect(try read("key: \(text)") { $0.boolean("key", default: false) })
        }
        for text in ["false", "no", "off", "FALSE"] {
            #expect(try !read("key: \(text)") { $0.boolean("key", default: true) })
        }
        #expect(
            problems("key: maybe") { $0.boolean("key", default: true) }
                == ["waypost.yaml:1: key: \"maybe\" is neither true nor false; write true or false"])
    }

    private enum Level: String, CaseIterable { case info, warning, error }

    @Test func `a word is one of those that are known, and a slip is understood`() throws {
        #expect(try read("key: info") { $0.enumeration("key", of: Level.self) } == .info)
        #expect(
            problems("key: wraning") { $0.enumeration("key", of: Level.self) }
                == ["waypost.yaml:1: key: \"wraning\" is not known here; did you mean warning?"])
        #expect(
            problems("key: loud") { $0.enumeration("key", of: Level.self) }
                == ["waypost.yaml:1: key: \"loud\" is not known here; write info, warning or error"])
    }

    @Test func `one word alone needs no list, and none stands twice`() throws {
        #expect(try read("key: info") { $0.enumerations("key", of: Level.self) } == [.info])
        #expect(try read("key: [info, error]") { $0.enumerations("key", of: Level.self) } == [.info, .error])
        #expect(
            problems("key:\n  - info\n  - info\n  - []") { $0.enumerations("key", of: Level.self) }
                == [
                    "waypost.yaml:3: key[1]: \"info\" stands twice; keep one",
                    "waypost.yaml:4: key[2]: is a list; write a single value",
                ])
    }

    @Test func `a line of text holds no line break`() {
        #expect(
            problems("key: \"a\\nb\"") { $0.string("key") }
                == [
                    "waypost.yaml:1: key: holds a line break or another control character; write it on one line"
                ])
        #expect(
            problems("key: [a]") { $0.string("key") }
                == ["waypost.yaml:1: key: is a list; write a single value"])
    }

    @Test func `off switches off what has a default`() throws {
        func limit(_ yaml: String) throws -> Int? {
            try read(yaml) { $0.unlessOff("key", default: 10) { $0.integer("key", in: 1...100) } }
        }
        #expect(try limit("key: off") == nil)
        #expect(try limit("key: 5") == 5)
        #expect(try limit("other: 5") == 10)
    }

    @Test func `a path is written without file:, since its contents are not wanted`() throws {
        let folder = try TemporaryFolder()
        try folder.file("tls.crt", "PEM".utf8)
        #expect(
            problems("key: file:tls.crt", folder: folder.path) { $0.readableFile("key") }
                == [
                    "waypost.yaml:1: key: takes the path of a file, not its contents; write the path without file:"
                ])
        #expect(
            problems("key: gone.crt", folder: folder.path) { $0.readableFile("key") }
                == [
                    "waypost.yaml:1: key: \(folder.path)/gone.crt cannot be read: No such file or directory; "
                        + "check the path and its rights"
                ])
    }

    @Test func `what came from a file is never quoted`() throws {
        let folder = try TemporaryFolder()
        try folder.file("secret", "hunter2".utf8)
        let found = problems("a: file:secret\nb: file:secret\nc: file:secret", folder: folder.path) { root in
            _ = root.integer("a", in: 0...1)
            _ = root.duration("b")
            _ = root.enumeration("c", of: Level.self)
        }
        #expect(found.count == 3)
        #expect(!found.joined().contains("hunter2"))
    }
}
