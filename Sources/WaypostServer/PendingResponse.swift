import WaypostHTTP

/// The way back to a suspended connection.
///
/// It may outlive its client and its server: `send` then does nothing. Dropped without an answer, it answers 500 itself, so
/// that no client hangs.
package final class PendingResponse: Sendable {
    private let connection: Connection
    /// Which of the connection's suspensions this one answers: a connection lives on, and a late word must not meet the next.
    private let turn: Int

    init(connection: Connection, turn: Int) {
        self.connection = connection
        self.turn = turn
    }

    /// Answers, from any thread and without blocking. Only the first call counts.
    package func send(_ response: HTTPResponse) { connection.answer(response, turn: turn) }

    deinit { connection.answerDropped(turn: turn) }
}
