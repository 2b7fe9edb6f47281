import WaypostJSON

/// A look-up among what was taken: `GET …/Messages.json?To=&From=&DateSent>=&PageSize=`, and the same for calls.
struct TwilioList {
    private let time: String
    private let form: TwilioForm
    private let size: Int
    private let page: Int

    /// `time` is the parameter that bounds the time: `DateSent` or `StartTime`, alone or with `<` or `>` behind it.
    init(_ query: FormFields, time: String) throws(TwilioError) {
        self.time = time
        var form = TwilioForm(query)
        let names = ["To", "From", "Status", "PageSize", "Page", "PageToken", time, "\(time)<", "\(time)>"]
        form.allow(names, repeated: [])
        form.number("PageSize", 1...1_000)
        form.number("Page", 0...100_000)
        for name in names.suffix(3) {
            guard let text = form[name], Self.bounds(text) == nil else { continue }
            form.refuse(20_001, "Invalid \(name) '\(text)': it must be a date or a time of ISO 8601")
        }
        if let problem = form.problem { throw problem }
        self.form = form
        size = form["PageSize"].flatMap { Int($0) } ?? 50
        page = form["Page"].flatMap { Int($0) } ?? 0
    }

    /// Whether a resource made at that time is looked for.
    func includes(_ resource: JSONValue, at wall: Int64) -> Bool {
        for (parameter, member) in [("To", "to"), ("From", "from"), ("Status", "status")] {
            if let wanted = form[parameter], resource[member]?.string != wanted { return false }
        }
        // Twilio's times are whole seconds.
        let wall = wall - wall % 1000
        if let bounds = form[time].flatMap(Self.bounds), !bounds.contains(wall) { return false }
        if let bounds = form["\(time)>"].flatMap(Self.bounds), wall < bounds.lowerBound { return false }
        if let bounds = form["\(time)<"].flatMap(Self.bounds), wall > bounds.upperBound { return false }
        return true
    }

    /// The page of those found that was asked for.
    func json(_ found: [JSONValue], name: String, path: Substring) -> JSONValue {
        let items = Array(found.dropFirst(page * size).prefix(size))
        let first = page * size
        let hasMore = first + items.count < found.count
        return [
            name: .array(items), "end": .integer(Int64(first + max(items.count, 1) - 1)),
            "first_page_uri": .string(address(path, 0)),
            "next_page_uri": hasMore ? .string(address(path, page + 1)) : .null, "page": .integer(Int64(page)),
            "page_size": .integer(Int64(size)),
            "previous_page_uri": page > 0 ? .string(address(path, page - 1)) : .null,
            "start": .integer(Int64(first)), "uri": .string(address(path, page)),
        ]
    }

    private func address(_ path: Substring, _ page: Int) -> String {
        let kept = form.fields.fields.filter { !["Page", "PageSize", "PageToken"].contains($0.name) }
        let filters = kept.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))&" }.joined()
        return "\(path)?\(filters)PageSize=\(size)&Page=\(page)"
    }

    /// A day from its first to its last second, or one second.
    private static func bounds(_ text: String) -> ClosedRange<Int64>? {
        if let day = CivilTime.startOfDay(text) { return day...(day + 86_399_000) }
        return CivilTime.milliseconds(text).map { $0 - $0 % 1000 }.map { $0...$0 }
    }
}
