import WaypostHTTP

/// The header section of a mail (RFC 5322 section 2.2), unfolded.
struct MailHeaders: Equatable, Sendable {
    private(set) var fields = HTTPHeaders()

    /// nil when there is no empty line after fields that all have the form `Name: value`.
    init?(_ mail: [UInt8]) {
        var position = mail.startIndex
        var pending: (name: String, value: String)?
        while position < mail.endIndex {
            let end = mail[position...].firstIndex(of: 0x0A) ?? mail.endIndex
            var line = mail[position..<end]
            if line.last == 0x0D { line = line.dropLast() }
            position = min(end + 1, mail.endIndex)
            if line.isEmpty {
                if let pending { fields.add(pending.name, pending.value) }
                return
            }
            if line.first == 0x20 || line.first == 0x09 {
                guard pending != nil else { return nil }
                pending?.value += String(decoding: line, as: UTF8.self)
                continue
            }
            if let pending { fields.add(pending.name, pending.value) }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else { return nil }
            let value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
            pending = (String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
        }
        return nil
    }

    subscript(name: String) -> String? { fields[name] }
}
