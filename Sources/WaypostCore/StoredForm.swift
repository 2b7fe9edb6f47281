import WaypostJSON

/// Why stored bytes are not what they should be: the store is damaged, or a newer version wrote them.
package struct StoredFormError: Error, Equatable, Sendable {
    /// For an operator; holds no address and no content.
    package var complaint: String

    init(_ complaint: String) { self.complaint = complaint }
}

/// The version that the first member of every stored form names.
let storedFormVersion: Int64 = 1

extension JSONValue {
    /// Reads a stored form: its members after the version.
    static func storedMembers(_ bytes: [UInt8]) throws(StoredFormError) -> ArraySlice<Member> {
        let value: JSONValue
        do { value = try JSONValue(parsing: bytes) } catch {
            throw StoredFormError("not JSON at byte \(error.offset): \(error.complaint)")
        }
        guard case .object(let members) = value, let version = members.first, version.name == "v" else {
            throw StoredFormError("it does not begin with its version")
        }
        guard version.value == .integer(storedFormVersion) else {
            throw StoredFormError("it is of another version than \(storedFormVersion)")
        }
        return members.dropFirst()
    }

    func storedText(_ name: String) throws(StoredFormError) -> String {
        guard case .string(let text) = self else { throw StoredFormError("\(name) is not a string") }
        return text
    }

    func storedFlag(_ name: String) throws(StoredFormError) -> Bool {
        guard case .bool(let flag) = self else { throw StoredFormError("\(name) is not a boolean") }
        return flag
    }

    func storedTime(_ name: String) throws(StoredFormError) -> Timestamp {
        guard case .integer(let milliseconds) = self else { throw StoredFormError("\(name) is not a time") }
        return Timestamp(milliseconds: milliseconds)
    }

    func storedWord<Word: RawRepresentable>(_ name: String, as: Word.Type) throws(StoredFormError) -> Word
    where Word.RawValue == String {
        guard let word = Word(rawValue: try storedText(name)) else { throw StoredFormError("\(name) is not known") }
        return word
    }

    func storedElements(_ name: String) throws(StoredFormError) -> [JSONValue] {
        guard case .array(let elements) = self else { throw StoredFormError("\(name) is not an array") }
        return elements
    }

    func storedObject(_ name: String) throws(StoredFormError) -> [Member] {
        guard case .object(let members) = self else { throw StoredFormError("\(name) is not an object") }
        return members
    }

    /// Two strings in an array: a header, a metadata pair, a mailbox with its name.
    func storedPair(_ name: String) throws(StoredFormError) -> (String, String) {
        guard case .array(let pair) = self, pair.count == 2, case .string(let first) = pair[0],
            case .string(let second) = pair[1]
        else { throw StoredFormError("\(name) does not hold pairs of strings") }
        return (first, second)
    }

    func storedInteger(_ name: String) throws(StoredFormError) -> Int64 {
        guard case .integer(let number) = self else { throw StoredFormError("\(name) is not a number") }
        return number
    }

    func storedDuration(_ name: String) throws(StoredFormError) -> Duration {
        .milliseconds(try storedInteger(name))
    }

    func storedTexts(_ name: String) throws(StoredFormError) -> [String] {
        var texts: [String] = []
        for element in try storedElements(name) { texts.append(try element.storedText(name)) }
        return texts
    }

    func storedPairs(_ name: String) throws(StoredFormError) -> [Message.KeyValue] {
        var pairs: [Message.KeyValue] = []
        for element in try storedElements(name) {
            let (key, value) = try element.storedPair(name)
            pairs.append(.init(key: key, value: value))
        }
        return pairs
    }
}

extension JSONWriter {
    /// Two strings as an array: order is kept, and nothing says that a first one may not stand twice.
    mutating func pair(_ first: String, _ second: String) {
        array { json in
            json.element(first)
            json.element(second)
        }
    }

    /// Left out where there are none.
    mutating func pairs(_ name: String, _ pairs: [Message.KeyValue]) {
        guard !pairs.isEmpty else { return }
        array(name) { json in for pair in pairs { json.pair(pair.key, pair.value) } }
    }

    /// Left out where there are none.
    mutating func strings(_ name: String, _ texts: [String]) {
        guard !texts.isEmpty else { return }
        array(name) { json in for text in texts { json.element(text) } }
    }

    mutating func member(_ name: String, ifPresent flag: Bool?) {
        if let flag { member(name, flag) }
    }

    /// In whole milliseconds.
    mutating func member(_ name: String, ifPresent duration: Duration?) {
        if let duration { member(name, duration.milliseconds) }
    }
}
