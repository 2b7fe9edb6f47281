extension MessageBird {
    /// Whom the recipient sees: a number with its country code, or up to 11 letters, digits and blanks.
    package struct Originator: Equatable, Sendable {
        /// As MessageBird takes it: a number without its plus sign.
        package let text: String
        /// Calls can come from nothing else.
        package let isNumber: Bool

        /// nil for what MessageBird takes for no sender.
        package init?(_ text: String) {
            let isInternational = text.utf8.first == UInt8(ascii: "+")
            let rest = isInternational ? text.dropFirst() : text[...]
            if (7...15).contains(rest.utf8.count), rest.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
                self.text = String(rest)
                isNumber = true
            } else if !isInternational, (1...11).contains(text.utf8.count), text.utf8.allSatisfy(Self.isPlain) {
                self.text = text
                isNumber = false
            } else {
                return nil
            }
        }

        private static func isPlain(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x20: true
            default: false
            }
        }
    }
}
