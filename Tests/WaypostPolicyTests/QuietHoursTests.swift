import Testing
import WaypostCore
import WaypostPolicy

@Suite struct QuietHoursTests {
    /// A span, a moment, where, and when it ends; "": it is not quiet.
    struct Case: Sendable, CustomTestStringConvertible {
        var from: Int
        var to: Int
        var now: String
        var zones: [String]
        var until: String
        init(_ from: String, _ to: String, _ now: String, _ zones: String..., until: String) {
            (self.from, self.to) = (Self.minutes(from), Self.minutes(to))
            (self.now, self.zones, self.until) = (now, zones, until)
        }
        private static func minutes(_ text: String) -> Int {
            let parts = text.split(separator: ":").compactMap { Int($0) }
            return parts[0] * 60 + parts[1]
        }
        var testDescription: String { "\(from / 60)-\(to / 60) at \(now) in \(zones)" }
    }

    private static let berlin = "Europe/Berlin"
    private static let newYork = "America/New_York"

    @Test(arguments: [
        // Over midnight: 21:00 to 8:00 is 20:00 to 7:00 UTC in Berlin's winter.
        Case("21:00", "08:00", "2026-01-15T19:59:59.999Z", berlin, until: ""),
        Case("21:00", "08:00", "2026-01-15T20:00:00Z", berlin, until: "2026-01-16T07:00:00.000Z"),
        Case("21:00", "08:00", "2026-01-15T23:30:00Z", berlin, until: "2026-01-16T07:00:00.000Z"),
        Case("21:00", "08:00", "2026-01-16T06:59:59.999Z", berlin, until: "2026-01-16T07:00:00.000Z"),
        Case("21:00", "08:00", "2026-01-16T07:00:00Z", berlin, until: ""),
        Case("21:00", "08:00", "2026-07-16T06:00:00Z", berlin, until: ""),
        Case("21:00", "08:00", "2026-12-31T22:00:00Z", "UTC", until: "2027-01-01T08:00:00.000Z"),
        // Within a day.
        Case("12:00", "14:00", "2026-01-15T11:00:00Z", berlin, until: "2026-01-15T13:00:00.000Z"),
        Case("12:00", "14:00", "2026-01-15T13:00:00Z", berlin, until: ""),
        Case("12:00", "14:00", "2026-01-15T10:59:59.999Z", berlin, until: ""),
        Case("00:00", "08:00", "2026-01-15T05:00:00Z", newYork, until: "2026-01-15T13:00:00.000Z"),
        Case("22:00", "00:00", "2026-01-16T03:00:00Z", newYork, until: "2026-01-16T05:00:00.000Z"),
        // A quarter of an hour matters in Kathmandu.
        Case("21:00", "08:00", "2026-01-15T16:00:00Z", "Asia/Kathmandu", until: "2026-01-16T02:15:00.000Z"),
        // Clocks go forward in the night: 2026-03-29 in Berlin, 2026-03-08 in New York.
        Case("21:00", "08:00", "2026-03-28T22:00:00Z", berlin, until: "2026-03-29T06:00:00.000Z"),
        Case("21:00", "08:00", "2026-03-08T04:00:00Z", newYork, until: "2026-03-08T12:00:00.000Z"),
        // The end lies in the hour that is not there: quiet ends with the jump.
        Case("21:00", "02:30", "2026-03-29T00:30:00Z", berlin, until: "2026-03-29T01:00:00.000Z"),
        Case("21:00", "02:30", "2026-03-08T06:00:00Z", newYork, until: "2026-03-08T07:00:00.000Z"),
        // The beginning does: it is quiet from the jump on.
        Case("02:30", "08:00", "2026-03-08T06:59:59Z", newYork, until: ""),
        Case("02:30", "08:00", "2026-03-08T07:00:00Z", newYork, until: "2026-03-08T12:00:00.000Z"),
        // Clocks go back in the night: 2026-10-25 in Berlin, 2026-11-01 in New York.
        Case("21:00", "08:00", "2026-10-24T22:00:00Z", berlin, until: "2026-10-25T07:00:00.000Z"),
        Case("21:00", "08:00", "2026-11-01T03:00:00Z", newYork, until: "2026-11-01T13:00:00.000Z"),
        // The hour that comes twice is quiet twice.
        Case("21:00", "01:30", "2026-11-01T05:00:00Z", newYork, until: "2026-11-01T05:30:00.000Z"),
        Case("21:00", "01:30", "2026-11-01T05:30:00Z", newYork, until: ""),
        Case("21:00", "01:30", "2026-11-01T06:15:00Z", newYork, until: "2026-11-01T06:30:00.000Z"),
        Case("21:00", "02:00", "2026-11-01T05:30:00Z", newYork, until: "2026-11-01T07:00:00.000Z"),
        Case("21:00", "02:30", "2026-10-25T00:45:00Z", berlin, until: ""),
        Case("21:00", "02:30", "2026-10-25T01:10:00Z", berlin, until: "2026-10-25T01:30:00.000Z"),
        // Several zones: until it is quiet in none.
        Case(
            "21:00", "08:00", "2026-01-15T02:00:00Z", newYork, "America/Los_Angeles", until: "2026-01-15T16:00:00.000Z"),
        Case(
            "21:00", "08:00", "2026-01-15T14:00:00Z", newYork, "America/Los_Angeles", until: "2026-01-15T16:00:00.000Z"),
        Case("21:00", "08:00", "2026-01-15T17:00:00Z", newYork, "America/Los_Angeles", until: ""),
        // Nowhere quiet is never: the first alone counts.
        Case("08:00", "07:00", "2026-01-15T12:00:00Z", "UTC", "Asia/Tokyo", until: "2026-01-16T07:00:00.000Z"),
        Case("08:00", "07:00", "2026-01-15T07:30:00Z", "UTC", "Asia/Tokyo", until: ""),
        // A zone that this machine does not know is none.
        Case("21:00", "08:00", "2026-01-15T22:00:00Z", "Mars/Base", berlin, until: "2026-01-16T07:00:00.000Z"),
        Case("21:00", "08:00", "2026-01-15T22:00:00Z", "Mars/Base", until: "2026-01-16T08:00:00.000Z"),
    ])
    func `quiet ends when the clocks say so`(vector: Case) throws {
        let quiet = QuietHours(types: [.marketing], from: vector.from, to: vector.to)
        let now = try #require(Timestamp(vector.now))
        #expect(quiet.resume(at: now, in: vector.zones)?.description ?? "" == vector.until)
    }

    private func message(_ type: MessageType = .marketing, to number: String = "+14155550100") -> Message {
        let now = Timestamp(milliseconds: 0)
        var message = Message(
            id: MessageID(at: now), client: "shop", content: .sms(SMS(to: PhoneNumber(unchecked: number), text: "Hi")),
            createdAt: now, expiresAt: now, traceparent: "")
        message.type = type
        return message
    }

    @Test func `the zone is the user's, else the number's, else the default, unless one is fixed`() {
        var quiet = QuietHours(types: [.marketing], from: 0, to: 60, defaultZone: "Asia/Tokyo")
        var message = message()
        #expect(quiet.zones(of: message) == ["America/Los_Angeles"])
        message.zones = ["Europe/Paris"]
        #expect(quiet.zones(of: message) == ["Europe/Paris"])
        #expect(quiet.zones(of: self.message(to: "+18005550100")) == ["Asia/Tokyo"], "free numbers are nowhere")
        quiet.zone = "UTC"
        #expect(quiet.zones(of: message) == ["UTC"])
        #expect(!quiet.goesByRecipients(for: .marketing))
    }

    @Test func `recipients whose zone is not known count beside those who have one`() {
        let quiet = QuietHours(types: [.marketing], from: 0, to: 60, defaultZone: "Asia/Tokyo")
        let email = Content.email(
            Email(to: [Mailbox(email: "a@example.com"), Mailbox(email: "b@example.com")], subject: ""))
        #expect(quiet.zones(of: email, known: [[], []]) == [])
        #expect(quiet.zones(of: email, known: [["Europe/Paris"], []]) == ["Europe/Paris", "Asia/Tokyo"])
        #expect(quiet.zones(of: email, known: [["Europe/Paris"], ["Europe/Paris"]]) == ["Europe/Paris"])
    }

    @Test func `only messages of the types are held, and the reason says where and until when`() throws {
        let quiet = QuietHours(types: [.marketing], from: 21 * 60, to: 8 * 60)
        let night = try #require(Timestamp("2026-01-15T10:00:00Z"))
        #expect(quiet.hold(message(.transactional), at: night) == nil)
        let hold = try #require(quiet.hold(message(), at: night))
        #expect(hold.reason == "held until 2026-01-15T16:00:00.000Z: quiet hours in America/Los_Angeles")
    }
}

@Suite struct PhoneZonesTests {
    @Test(arguments: [
        ("+12125550100", ["America/New_York"]), ("+13125550100", ["America/Chicago"]),
        ("+16025550100", ["America/Phoenix"]), ("+18085550100", ["Pacific/Honolulu"]),
        ("+16055550100", ["America/Chicago", "America/Denver"]), ("+16045550100", ["America/Vancouver"]),
        ("+493012345678", ["Europe/Berlin"]), ("+442071234567", ["Europe/London"]),
        ("+17875550100", ["America/Puerto_Rico"]), ("+351912345678", ["Europe/Lisbon", "Atlantic/Azores"]),
    ])
    func `a number's zones are its area's or its country's`(number: String, zones: [String]) {
        #expect(PhoneZones.zones(of: PhoneNumber(unchecked: number)) == zones)
    }

    @Test(arguments: [
        ("+61412345678", "Australia/Perth"), ("+79161234567", "Europe/Kaliningrad"),
        ("+12005550100", "Pacific/Honolulu"),
    ])
    func `where a number may be in several, all of them count`(number: String, zone: String) throws {
        let zones = try #require(PhoneZones.zones(of: PhoneNumber(unchecked: number)))
        #expect(zones.count > 4 && zones.contains(zone))
    }

    @Test(arguments: ["+18005550100", "+870123456789", "+0"])
    func `a number of no country has none`(number: String) {
        #expect(PhoneZones.zones(of: PhoneNumber(unchecked: number)) == nil)
    }

    @Test func `this machine knows every zone of the table`() {
        #expect(PhoneZones.all.count > 200)
        #expect(PhoneZones.all.filter { !ZoneName.isKnown($0) } == [])
    }
}
