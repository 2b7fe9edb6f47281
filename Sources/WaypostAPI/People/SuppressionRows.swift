import WaypostCore
import WaypostHTTP
import WaypostJSON

/// The rows of an import, read one after the other from CSV or JSON: each a suppression, or what is wrong with it.
///
/// Rows count from 1; CSV's header is not among them.
package struct SuppressionRows {
    /// What every row shares.
    package struct Context: Sendable {
        /// Where a row names none; nil: every row must.
        package var channel: Channel?
        package var source: String
        package var now: Timestamp

        package init(channel: Channel?, source: String, now: Timestamp) {
            self.channel = channel
            self.source = source
            self.now = now
        }
    }

    /// A row that is not taken.
    package struct Rejected: Error, Equatable, Sendable {
        /// From 1.
        package var row: Int
        package var detail: String
    }

    private enum Source {
        case csv(CSVReader, columns: [Column])
        case json(JSONRows)
    }

    private enum Column: String, CaseIterable { case channel, address, reason, detail, expiresAt = "expires_at" }

    private var source: Source
    private let context: Context
    private var row = 0

    /// - Throws: a problem of the whole: `unsupported_media_type`, or a head that cannot be understood.
    package init(_ request: HTTPRequest, _ context: Context) throws(Problem) {
        self.context = context
        let type = request.headers["Content-Type"]?.prefix { $0 != ";" }.lowercased()
        switch type.map({ Substring($0).trimmed }) {
        case "text/csv"?: source = try Self.csv(request.body, context)
        case "application/json"?: source = .json(try JSONRows(request.body, named: "suppressions"))
        default:
            throw Problem(
                .unsupportedMediaType, "Send the rows with Content-Type: text/csv or application/json.")
        }
    }

    private static func csv(_ body: [UInt8], _ context: Context) throws(Problem) -> Source {
        var reader = CSVReader(body)
        let names = try reader.next()?.mapError { flaw in Problem(.malformed, "The header row \(flaw.complaint).") }
            .unwrap()
        guard let names else {
            throw Problem(.malformed, "The body is empty; its first row must name the columns, like channel,address.")
        }
        let known = Column.allCases.map(\.rawValue).joined(separator: ", ")
        var columns: [Column] = []
        for name in names {
            guard let column = Column(rawValue: String(Substring(name.lowercased()).trimmed)) else {
                throw Problem(
                    .malformed, "The header row names a column that is not known here; known: \(known).")
            }
            guard !columns.contains(column) else {
                throw Problem(.malformed, "The header row names \(column.rawValue) twice.")
            }
            columns.append(column)
        }
        guard columns.contains(.address) else { throw Problem(.malformed, "The header row must name address.") }
        guard columns.contains(.channel) || context.channel != nil else {
            throw Problem(.malformed, "The header row must name channel, or the query must: ?channel=email.")
        }
        return .csv(reader, columns: columns)
    }

    /// The next row; nil at the end.
    ///
    /// - Throws: where the body is broken, so that no later row can be found.
    package mutating func next() throws(Problem) -> Result<Suppression, Rejected>? {
        row += 1
        switch source {
        case .csv(var reader, let columns):
            defer { source = .csv(reader, columns: columns) }
            return reader.next().map { record in
                record.mapError { Rejected(row: row, detail: $0.complaint) }.flatMap { suppression($0, columns) }
            }
        case .json(var rows):
            defer { source = .json(rows) }
            return try rows.next().map(suppression)
        }
    }

    // MARK: One row

    private func suppression(_ fields: [String], _ columns: [Column]) -> Result<Suppression, Rejected> {
        guard fields.count == columns.count else {
            return .failure(
                Rejected(row: row, detail: "has \(fields.count) fields where the header has \(columns.count)"))
        }
        func field(_ column: Column) -> String? {
            columns.firstIndex(of: column).map { fields[$0] }.flatMap { $0.isEmpty ? nil : $0 }
        }
        return checked(
            channel: field(.channel), address: field(.address), reason: field(.reason), detail: field(.detail),
            expiresAt: field(.expiresAt))
    }

    private func suppression(_ value: JSONValue) -> Result<Suppression, Rejected> {
        guard let members = value.members else {
            return .failure(Rejected(row: row, detail: "must be an object, not \(value.kind)"))
        }
        var texts: [Column: String] = [:]
        for member in members {
            guard let column = Column(rawValue: member.name) else {
                let known = Column.allCases.map(\.rawValue).joined(separator: ", ")
                return .failure(Rejected(row: row, detail: "has a field that is not known here; known: \(known)"))
            }
            if case .null = member.value { continue }  // so that what GET has shown can be handed in again
            guard let text = member.value.string else {
                return .failure(
                    Rejected(row: row, detail: "\(column.rawValue) must be a string, not \(member.value.kind)"))
            }
            texts[column] = text
        }
        return checked(
            channel: texts[.channel], address: texts[.address], reason: texts[.reason], detail: texts[.detail],
            expiresAt: texts[.expiresAt])
    }

    private func checked(
        channel: String?, address: String?, reason: String?, detail: String?, expiresAt: String?
    ) -> Result<Suppression, Rejected> {
        func rejected(_ detail: String) -> Result<Suppression, Rejected> {
            .failure(Rejected(row: row, detail: detail))
        }
        guard let channel = channel.map({ Channel(rawValue: $0) }) ?? context.channel else {
            let words = Channel.allCases.map(\.rawValue).joined(separator: ", ")
            return rejected(channel == nil ? "channel is missing" : "channel must be one of \(words)")
        }
        guard let address else { return rejected("address is missing") }
        let listed: ListedAddress
        do throws(ListedAddress.Flaw) { listed = try ListedAddress(address, on: channel) } catch {
            return rejected("address \(error.complaint)")
        }
        guard let reason = Suppression.Reason(rawValue: reason ?? Suppression.Reason.manual.rawValue) else {
            let words = Suppression.Reason.allCases.map(\.rawValue).joined(separator: ", ")
            return rejected("reason must be one of \(words)")
        }
        if let detail, let flaw = LineOfText.flaw(in: detail, bytes: SuppressionFields.detailBytes) {
            return rejected("detail \(flaw)")
        }
        var end: Timestamp?
        if let expiresAt {
            guard let moment = Timestamp(expiresAt) else {
                return rejected("expires_at must be a time like 2026-01-31T12:00:00Z")
            }
            guard moment > context.now else { return rejected("expires_at must lie ahead") }
            end = moment
        }
        return .success(
            Suppression(
                channel: channel, address: listed.address, reason: reason, source: context.source, detail: detail,
                createdAt: context.now, expiresAt: end))
    }
}
