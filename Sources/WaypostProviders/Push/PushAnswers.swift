import WaypostJSON

extension Redaction {
    /// `sentence` for services that repeat device tokens: a long run of a token's letters becomes `<token>`.
    func sentenceWithoutTokens(_ prefix: String, _ text: String?) -> String {
        sentence(prefix, text.map(Self.withoutTokens))
    }

    /// Shorter than any token, longer than any word that a person would miss.
    private static let shortestToken = 32

    private static func withoutTokens(_ text: String) -> String {
        var clean: [UInt8] = []
        var run: [UInt8] = []
        func endRun() {
            clean.append(contentsOf: run.count < shortestToken ? run : Array("<token>".utf8))
            run.removeAll(keepingCapacity: true)
        }
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: ":"):
                run.append(byte)
            default:
                endRun()
                clean.append(byte)
            }
        }
        endRun()
        return String(decoding: clean, as: UTF8.self)
    }
}

extension JSONValue {
    /// A service's word for a case, `UNREGISTERED` or `BadDeviceToken`; nil for what is no word and might say too much.
    var codeWord: String? {
        guard let text = string, (1...60).contains(text.utf8.count),
            text.utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F
            })
        else { return nil }
        return text
    }
}
