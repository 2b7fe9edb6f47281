import WaypostCore

/// Which time people with a number live by.
///
/// A number says no more than where it was given out. Where a country keeps several times its numbers stand for all of
/// them: what may go out at none of them quiet is certainly allowed. In the United States and Canada the area code says
/// more, and is what the FCC's callers go by.
package enum PhoneZones {
    /// Names of the IANA database, the one where most people live first; nil for numbers of no one country (satellites,
    /// free numbers).
    package static func zones(of number: PhoneNumber) -> [String]? {
        guard let country = number.country else { return nil }
        guard country == "US" || country == "CA" else { return countries[country] }
        return areas[String(number.digits.dropFirst().prefix(3))] ?? northAmerica[country]
    }

    /// All that are known, for whoever wants to hold them against a database.
    package static var all: Set<String> {
        Set((Array(countries.values) + Array(areas.values) + Array(northAmerica.values)).joined())
    }

    /// Area codes that are newer than the table, and those that lie in no one place.
    private static let northAmerica = [
        "US": [
            "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
            "America/Anchorage", "America/Adak", "Pacific/Honolulu",
        ],
        "CA": [
            "America/Toronto", "America/Winnipeg", "America/Edmonton", "America/Regina", "America/Vancouver",
            "America/Halifax", "America/St_Johns",
        ],
    ]

    private static func words(_ table: String) -> [Substring] {
        table.split(whereSeparator: { $0 == " " || $0 == "\n" })
    }

    private static let countries: [String: [String]] = {
        var countries: [String: [String]] = [:]
        var country = ""
        for word in words(countryTable) {
            if word.utf8.count == 2 {
                country = String(word)
            } else {
                countries[country, default: []].append(String(word))
            }
        }
        return countries
    }()

    private static let areas: [String: [String]] = {
        var areas: [String: [String]] = [:]
        var zones: [String] = []
        var hasAreas = true
        for word in words(areaTable) {
            if word.utf8.count == 3 {
                areas[String(word)] = zones
            } else {
                if hasAreas { zones = [] }
                zones.append(String(word))
            }
            hasAreas = word.utf8.count == 3
        }
        return areas
    }()
}
