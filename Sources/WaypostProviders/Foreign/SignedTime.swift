import WaypostCore

/// The moment that a sender signs with its callback: whole unix seconds, as digits in a header.
package enum SignedTime {
    /// nil for anything but 1 to 11 digits (up to the year 5138).
    package static func read(_ text: some StringProtocol) -> Timestamp? {
        let digits = text.utf8
        guard (1...11).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let seconds = Int64(text)
        else { return nil }
        return Timestamp(milliseconds: seconds * 1000)
    }

    /// Whether it lies within the tolerance, in the past as in the future. Counted in whole seconds, as senders do.
    package static func isFresh(_ time: Timestamp, at now: Timestamp, within tolerance: Duration) -> Bool {
        abs(now.unixSeconds - time.unixSeconds) <= tolerance.components.seconds
    }
}
