import GRDB
import GRDBSQLite
import WaypostCore

/// A prepared statement of GRDB's, bound and stepped without its per-call arrays of existentials: the commit path runs
/// several of these for each message.
///
/// Used only inside the access to the database that prepared it.
struct HotStatement {
    private let statement: Statement
    private let raw: OpaquePointer

    init(_ db: Database, _ sql: String) throws {
        statement = try db.makeStatement(sql: sql)
        raw = statement.sqliteStatement
    }

    /// Runs to the end; the rows, if any, are not looked at. Returns the rows changed.
    @discardableResult
    func run(_ bind: (inout Binder) -> Void = { _ in }) throws -> Int {
        try rows(bind) { _ in }
        return Int(sqlite3_changes(sqlite3_db_handle(raw)))
    }

    /// The first row, read by `read`; nil when there is none.
    func first<Value>(_ bind: (inout Binder) -> Void = { _ in }, read: (RowReader) -> Value) throws -> Value? {
        defer { finish() }
        bindAll(bind)
        switch sqlite3_step(raw) {
        case SQLITE_ROW: return read(RowReader(raw: raw))
        case SQLITE_DONE: return nil
        case let code: throw failure(code)
        }
    }

    /// Every row in turn.
    func rows(_ bind: (inout Binder) -> Void = { _ in }, each: (RowReader) -> Void) throws {
        defer { finish() }
        bindAll(bind)
        while true {
            switch sqlite3_step(raw) {
            case SQLITE_ROW: each(RowReader(raw: raw))
            case SQLITE_DONE: return
            case let code: throw failure(code)
            }
        }
    }

    private func bindAll(_ bind: (inout Binder) -> Void) {
        var binder = Binder(raw: raw)
        bind(&binder)
    }

    private func finish() {
        sqlite3_reset(raw)
        sqlite3_clear_bindings(raw)
    }

    private func failure(_ code: CInt) -> DatabaseError {
        let connection = sqlite3_db_handle(raw)
        return DatabaseError(
            resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
            message: sqlite3_errmsg(connection).map { String(cString: $0) }, sql: statement.sql)
    }
}

/// Binds values in the order of the statement's question marks.
struct Binder {
    fileprivate let raw: OpaquePointer
    private var index: CInt = 0

    fileprivate init(raw: OpaquePointer) { self.raw = raw }

    /// SQLite copies the bytes before the call returns (`SQLITE_TRANSIENT`, which Swift does not import).
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    mutating func add(_ number: some BinaryInteger) {
        index += 1
        sqlite3_bind_int64(raw, index, Int64(truncatingIfNeeded: number))
    }

    mutating func add(_ number: Int?) {
        if let number { add(number) } else { addNull() }
    }

    mutating func add(_ time: Timestamp) { add(time.milliseconds) }

    mutating func add(_ text: String) {
        index += 1
        var text = text
        text.withUTF8 { utf8 in
            _ = utf8.withMemoryRebound(to: CChar.self) {
                sqlite3_bind_text(raw, index, $0.baseAddress, CInt($0.count), Self.copied)
            }
        }
    }

    mutating func add(_ text: String?) {
        if let text { add(text) as Void } else { addNull() }
    }

    mutating func add(_ bytes: [UInt8]) {
        index += 1
        _ = bytes.withUnsafeBytes {
            $0.isEmpty
                ? sqlite3_bind_zeroblob(raw, index, 0)
                : sqlite3_bind_blob(raw, index, $0.baseAddress, CInt($0.count), Self.copied)
        }
    }

    mutating func add(_ id: ULID) {
        index += 1
        withUnsafeBytes(of: (id.high.bigEndian, id.low.bigEndian)) {
            _ = sqlite3_bind_blob(raw, index, $0.baseAddress, 16, Self.copied)
        }
    }

    mutating func add(_ id: ULID?) {
        if let id { add(id) as Void } else { addNull() }
    }

    mutating func addNull() {
        index += 1
        sqlite3_bind_null(raw, index)
    }
}

/// One row while it is current.
struct RowReader {
    fileprivate let raw: OpaquePointer

    func integer(_ column: CInt) -> Int64 { sqlite3_column_int64(raw, column) }
    func int(_ column: CInt) -> Int { Int(sqlite3_column_int64(raw, column)) }
    func time(_ column: CInt) -> Timestamp { Timestamp(milliseconds: integer(column)) }
    func isNull(_ column: CInt) -> Bool { sqlite3_column_type(raw, column) == SQLITE_NULL }
    func optionalInt(_ column: CInt) -> Int? { isNull(column) ? nil : int(column) }

    func text(_ column: CInt) -> String { optionalText(column) ?? "" }

    func optionalText(_ column: CInt) -> String? {
        sqlite3_column_text(raw, column).map { String(cString: $0) }
    }

    func bytes(_ column: CInt) -> [UInt8] {
        guard let start = sqlite3_column_blob(raw, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(raw, column))))
    }

    func ulid(_ column: CInt) -> ULID {
        guard let start = sqlite3_column_blob(raw, column), sqlite3_column_bytes(raw, column) == 16 else {
            return ULID(high: 0, low: 0)
        }
        let bytes = UnsafeRawBufferPointer(start: start, count: 16)
        return ULID(
            high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
}
