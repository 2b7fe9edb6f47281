import Foundation

/// Names of the IANA time zone database.
package enum ZoneName {
    /// Whether this machine knows it. What Foundation knows beside them is none: abbreviations like `PST`, which mean several
    /// zones, and offsets like `GMT+5`.
    package static func isKnown(_ text: String) -> Bool {
        guard (1...64).contains(text.utf8.count),
            text.utf8.allSatisfy({ byte in
                switch byte {
                case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                    UInt8(ascii: "+"):
                    true
                default: false
                }
            })
        else { return false }
        if text == "UTC" || text == "GMT" { return true }
        guard TimeZone(identifier: text) != nil else { return false }
        return text.utf8.contains(UInt8(ascii: "/"))
            || !text.hasPrefix("GMT") && TimeZone.abbreviationDictionary[text] == nil
    }
}
