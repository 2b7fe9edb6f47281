import WaypostJSON

/// One page of a list: `{"data": […], "next": cursor or null}`.
package enum ListBody {
    /// - Parameter next: after which row the next page begins; nil on the last page.
    package static func bytes<Row>(
        _ rows: some Collection<Row>, next: Cursor?, _ write: (Row, inout JSONWriter) -> Void
    ) -> [UInt8] {
        var json = JSONWriter(capacity: 512 * rows.count + 64)
        json.object { json in
            json.array("data") { json in for row in rows { write(row, &json) } }
            if let next { json.member("next", next.description) } else { json.null("next") }
        }
        return json.bytes
    }
}
