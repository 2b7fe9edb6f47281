import Testing
import WaypostJSON

/// The table follows JSONTestSuite (https://github.com/nst/JSONTestSuite): `y_` must be taken, `n_` refused, and for each `i_`
/// (left open by RFC 8259) our choice is written down.
@Suite struct JSONParserTests {
    static let accepted: [(String, JSONValue)] = [
        ("[]", []), ("[[]   ]", [[]]), ("[\"\"]", [""]), ("[\"a\"]", ["a"]), ("[false]", [false]),
        ("[null, 1]", .array([.null, 1])),
        ("[1\n]", [1]), (" [1]", [1]), ("[1,null,null,null,2]", .array([1, .null, .null, .null, 2])), ("[2] ", [2]),
        ("\t\r\n 1 ", 1), ("[0]", [0]), ("[-0]", [0]), ("[0e+1]", .array([.number(0)])),
        ("[0e1]", .array([.number(0)])),
        ("[ 4]", [4]), ("[-0.000000000000000000000000000000000000000000001]", .array([.number(-1e-45)])),
        ("[20e1]", .array([.number(200)])), ("[-123]", [-123]), ("[-1]", [-1]), ("[1E22]", .array([.number(1e22)])),
        ("[1E-2]", .array([.number(0.01)])), ("[1E+2]", .array([.number(100)])),
        ("[123e45]", .array([.number(1.23e47)])),
        ("[123.456e78]", .array([.number(1.23456e80)])), ("[123.456789]", .array([.number(123.456789)])),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("9223372036854775808", .number(9_223_372_036_854_775_808)),
        ("-9223372036854775809", .number(-9_223_372_036_854_775_808)),
        ("100000000000000000000", .number(1e20)), ("1e-400", .number(0)),
        (#"{"asd":"sdf", "dfg":"fgh"}"#, ["asd": "sdf", "dfg": "fgh"]), (#"{"asd":"sdf"}"#, ["asd": "sdf"]),
        ("{}", .object([])), (#"{"":0}"#, ["": 0]), (#"{"foo\u0000bar": 42}"#, ["foo\u{0}bar": 42]),
        (#"{ "min": -1.0e+28, "max": 1.0e+28 }"#, ["min": .number(-1e28), "max": .number(1e28)]),
        (
            #"{"x":[{"id": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}], "id": "x"}"#,
            ["x": [["id": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"]], "id": "x"]
        ),
        ("{\"a\":\n[]}", ["a": []]), (#"["\u0060\u012a\u12AB"]"#, ["\u{60}\u{12a}\u{12ab}"]),
        (#"["\uD801\udc37"]"#, ["\u{10437}"]), (#"["\ud83d\ude39\ud83d\udc8d"]"#, ["\u{1F639}\u{1F48D}"]),
        (#"["\"\\\/\b\f\n\r\t"]"#, ["\"\\/\u{8}\u{c}\n\r\t"]), (#"["\\u0000"]"#, ["\\u0000"]), (#"["\""]"#, ["\""]),
        (#"["a/*b*/c/*d//e"]"#, ["a/*b*/c/*d//e"]), (#"["\\a"]"#, ["\\a"]), (#"["\\n"]"#, ["\\n"]),
        (#"["\u0012"]"#, ["\u{12}"]), (#"["\uFFFF"]"#, ["\u{FFFF}"]), (#"["\uDBFF\uDFFF"]"#, ["\u{10FFFF}"]),
        (#"["new\u00A0line"]"#, ["new\u{A0}line"]), (#"["\u0000"]"#, ["\u{0}"]), (#"["\u002c"]"#, [","]),
        ("[\"\u{7f}\"]", ["\u{7f}"]), ("[\"\u{2028}\u{2029}\"]", ["\u{2028}\u{2029}"]), ("[\"€𝄞\"]", ["€𝄞"]),
        ("[\"asd \"]", ["asd "]),
        ("\" \"", " "), ("false", false), ("42", 42), ("-0.1", .number(-0.1)), ("null", .null), ("\"asd\"", "asd"),
        ("true", true),
        ("\"\"", ""), ("[true]", [true]), (" [] ", []), (#""exactly8""#, "exactly8"),
        (#""exactly 16 bytes""#, "exactly 16 bytes"),
        (#""seven77\n""#, "seven77\n"), (#""ünïcödé""#, "ünïcödé"),
    ]

    @Test(arguments: accepted)
    func `a JSON text is read`(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: Array(text.utf8)) == value)
    }

    static let refused = [
        "", " ", "[1 true]", "[\"\": 1]", "[\"\"],", "[,1]", "[1,,2]", "[\"x\",,]", "[\"x\"]]", "[\"\",]", "[\"x\"",
        "[x",
        "[3[4]]", "[1:2]", "[,]", "[-]", "[   , \"\"]", "[\"a\",\n4\n,1,", "[1,]", "[1,,]", "[\"\u{b}a\"\\f]", "[*]",
        "[\"\"",
        "[1,", "[1,\n1\n,1", "[{}", "[fals]", "[nul]", "[tru]", "[++1234]", "[+1]", "[+Inf]", "[-01]", "[-1.0.]",
        "[-2.]",
        "[-NaN]", "[.-1]", "[.2e-3]", "[0.1.2]", "[0.3e+]", "[0.3e]", "[0.e1]", "[0E+]", "[0E]", "[0e+]", "[0e]",
        "[1.0e+]",
        "[1.0e-]", "[1.0e]", "[1 000.0]", "[1eE2]", "[2.e+3]", "[2.e-3]", "[2.e3]", "[9.e+]", "[Inf]", "[NaN]",
        "[\u{FF11}]",
        "[1+2]", "[0x1]", "[0x42]", "[Infinity]", "[0e+-1]", "[-123.123foo]", "[-Infinity]", "[-foo]", "[- 1]",
        "[-012]", "[-.123]",
        "[-1x]", "[1ea]", "[1.]", "[.123]", "[1.2a-3]", "[1.8011670033376514H-308]", "[012]", "[\"x\", truth]",
        "{[: \"x\"}\n",
        #"{"x", null}"#, #"{"x"::"b"}"#, "{\u{1F1E8}}", #"{"a":"a" 123}"#, "{key: 'value'}", #"{"a" b}"#, #"{:"b"}"#,
        #"{"a"#,
        #"{"a":"#, #"{"a""#, #"{"a":"a"#, "{1:1}", "{9999E9999:1}", #"{"id":0,,,,,}"#, "{'a':0}", #"{"id":0,}"#,
        #"{"a":"b"}/**/"#,
        #"{"a":"b"}/**//"#, #"{"a":"b"}//"#, #"{"a":"b"}/"#, #"{"a":"b",,"c":"d"}"#, #"{a: "b"}"#, #"{"a":"a"#,
        #"{ "foo" : "bar", "a" }"#, #"{"a":"b"}#"#, #"["\uD800\"]"#, #"["\uD800\u"]"#, #"["\uD800\u1"]"#,
        #"["\uD800\u1x"]"#,
        "[é]", "[\"\\x00\"]", #"["\\\"]"#, "[\"\\\t\"]", #"["\🌀"]"#, #"["\"]"#, #"["\u00A"]"#, #"["\uD834\uDd"]"#,
        #"["\uD800\uD800\x"]"#, #"["\a"]"#, #"["\uqqqq"]"#, #"[\u0020"asd"]"#, "[\\n]", "\"", "['single quote']", "abc",
        "[\"\\",
        "[\"a\u{0}a\"]", "[\"new\nline\"]", "[\"\t\"]", #""\UA66D""#, "[\u{2060}]", "\u{FEFF}", "\u{FEFF}[]", "<.>",
        "[<null>]", "[1]x", "[1]]", "[\"asd]",
        "aå", "[True]", "1]", #"{"x": true,"#, "[][]", "]", "[", "123\u{0}", "2@", "{}}", #"{"":"#,
        #"{"a":/*comment*/"b"}"#,
        #"{"a": true} "x""#, "['", "[,", "[{", "[\"a", "{", "{]", "{,", "{[", "{\"a", "{'a'", #"["\{["\{["\{["\{"#, "*",
        #"{"a":"b"}#{}"#, "[\\u000A\"\"]", "[1", "[ false, nul", "[ true, fals", "[ false, tru", #"{"asd":"asd""#, "å",
        "\u{2060}",
        "[\u{c}]", "nulll", "tru", "-", "--1", "1e999", "-1e999",
        "0.4e00669999999999999999999999999999999999999999999999999969999999006",
        #"["\uDADA"]"#, #"["\uD888\u1234"]"#, #"["\uD800\n"]"#, #"["\uDd1ea"]"#, #"["\uD800\uD800\n"]"#, #"["\ud800"]"#,
        #"["\ud800abc"]"#, #"["\uDd1e\uD834"]"#, #"["\uDFAA"]"#, #"{"a":1,"a":1}"#, #"{"a":1,"b":2,"\u0061":1}"#,
    ]

    @Test(arguments: refused)
    func `what is not JSON is refused`(text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text.utf8)) }
    }

    @Test(
        arguments: [
            [0x22, 0xE9, 0x22], [0x22, 0xFF, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xF4, 0xBF, 0xBF, 0xBF, 0x22], [0x22, 0xE0, 0xFF, 0x22], [0x22, 0x81, 0x22],
            [0x22, 0xFC, 0x83, 0xBF, 0xBF, 0xBF, 0xBF, 0x22],
            [0x22, 0x5C, 0x6E, 0xE9, 0x22], [0x22, 0x5C, 0xE5, 0x22], [0x5B, 0xFF, 0x5D],
            [0xFF, 0xFE, 0x5B, 0x00, 0x5D, 0x00], [0xE5],
            [0x22, 0xE6, 0x97, 0xA5, 0xD1, 0x88, 0xFA, 0x22],
        ] as [[UInt8]])
    func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
    }

    @Test func `nesting is counted, and refused one level too deep`() throws {
        func nested(_ levels: Int) -> [UInt8] {
            Array((String(repeating: "[", count: levels) + String(repeating: "]", count: levels)).utf8)
        }
        _ = try JSONValue(parsing: nested(32))
        #expect(throws: JSONError(offset: 32, complaint: "nested too deeply")) { try JSONValue(parsing: nested(33)) }
        #expect(throws: JSONError.self) {
            try JSONValue(parsing: Array(repeating: UInt8(ascii: "["), count: 1_000_000))
        }
        #expect(throws: JSONError.self) {
            try JSONValue(parsing: Array(String(repeating: #"{"a":"#, count: 100_000).utf8))
        }
        // Side by side is not deep.
        _ = try JSONValue(
            parsing: Array(("[" + Array(repeating: "[{}]", count: 1000).joined(separator: ",") + "]").utf8))
    }

    @Test(arguments: [1, 15, 16, 17, 40])
    func `a member that stands twice is refused among few and among many`(count: Int) {
        let members = (0..<count).map { "\"member\($0)\":0" } + ["\"member\(count - 1)\":1"]
        let text = "{" + members.joined(separator: ",") + "}"
        #expect {
            try JSONValue(parsing: Array(text.utf8))
        } throws: { error in
            (error as? JSONError)?.complaint == "the member \"member\(count - 1)\" stands here twice"
        }
    }

    @Test(arguments: [
        ("", 0, "the JSON text ends too early"), ("[1,]", 3, "a JSON value was expected here"),
        (#"{"a" 1}"#, 5, "':' was expected here"), (#"{"a":1 "b":2}"#, 7, "',' or '}' was expected here"),
        ("[1 2]", 3, "',' or ']' was expected here"), ("{1:2}", 1, "a member name in quotes was expected here"),
        ("[] []", 3, "something follows the end of the JSON text"), ("01", 0, "a number must not begin with 0"),
        (#""ab"#, 0, "the string does not end"), ("\"a\nb\"", 2, "a control character must be escaped in a string"),
        (#""a\xb""#, 2, "no such escape"), (#""a\ud800b""#, 2, "half a surrogate pair"),
        (#""\u12g4""#, 3, "four hexadecimal digits were expected here"), ("[1e999]", 1, "the number is out of range"),
        ("-x", 1, "a digit was expected here"),
    ])
    func `the complaint names the place`(text: String, offset: Int, complaint: String) {
        #expect(throws: JSONError(offset: offset, complaint: complaint)) { try JSONValue(parsing: Array(text.utf8)) }
    }

    @Test func `an escape at every distance from the start of a string is found`() throws {
        for length in 0...40 {
            let run = String(repeating: "x", count: length)
            #expect(try JSONValue(parsing: Array("\"\(run)\\n\(run)\"".utf8)) == .string("\(run)\n\(run)"))
            #expect(try JSONValue(parsing: Array("\"\(run)\"".utf8)) == .string(run))
            #expect(throws: JSONError(offset: length + 1, complaint: "a control character must be escaped in a string"))
            {
                try JSONValue(parsing: Array("\"\(run)\u{1F}\(run)\"".utf8))
            }
        }
    }

    @Test func `damaged JSON never traps`() {
        let text = Array(
            #"{"a":[1,-2.5e3,"x\n\u00e9\ud83d\ude39",true,null],"b":{"c":"ünï","d":9223372036854775807}}"#.utf8)
        var generator = Scramble(state: 1)
        for _ in 0..<20_000 {
            var damaged = text
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let position = Int.random(in: 0..<damaged.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: damaged[position] = UInt8.random(in: .min ... .max, using: &generator)
                case 1: damaged.remove(at: position)
                default: damaged.insert(damaged[Int.random(in: 0..<damaged.count, using: &generator)], at: position)
                }
            }
            guard let value = try? JSONValue(parsing: damaged) else { continue }
            #expect((try? JSONValue(parsing: value.bytes)) == value, "what was read can be written and read again")
        }
    }
}

/// A generator whose numbers are the same in every run (SplitMix64).
struct Scramble: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
