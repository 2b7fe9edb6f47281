/// A submission server (RFC 6409) on two ports: clear text with STARTTLS on offer, and TLS from the first byte.
final class SMTPStandIn: Sendable {
    let settings: Sandbox.Settings.SMTP
    let tls: TLSContext
    let faults: FaultBoard
    let journal: Journal
    private let ids = ReferenceMaker()

    init(_ settings: Sandbox.Settings.SMTP, _ tls: TLSContext, _ faults: FaultBoard, _ journal: Journal) {
        self.settings = settings
        self.tls = tls
        self.faults = faults
        self.journal = journal
    }

    /// Blocks until the client has gone.
    func serve(_ socket: Socket, secure: Bool) {
        var connection = SMTPConnection(socket, of: self, secure: secure)
        connection?.serve()
    }

    /// A queue id as Postfix writes it: upper-case letters and digits.
    func nextID() -> String { ids.next().prefix(12).uppercased() }
}
