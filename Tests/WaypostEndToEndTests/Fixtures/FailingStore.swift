import GRDB
import WaypostCore

extension Router {
    /// While `body` runs the store takes no change by which more than so many deliveries would be in a state.
    func failing(atMost count: Int, in state: DeliveryState, _ body: () throws -> Void) throws {
        let queue = try DatabaseQueue(path: folder.file("store/waypost.db"))
        defer { try? queue.close() }
        try queue.write { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER full BEFORE UPDATE OF state ON delivery WHEN NEW.state = \(state.rawValue)
                        AND (SELECT count(*) FROM delivery WHERE state = \(state.rawValue)) >= \(count)
                    BEGIN SELECT RAISE(ABORT, 'full'); END
                    """)
        }
        try body()
        try queue.write { try $0.execute(sql: "DROP TRIGGER full") }
    }
}
