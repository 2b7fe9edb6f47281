import Testing
import WaypostApp

@Suite struct PassedSocketsTests {
    private func sockets(_ environment: [String: String]) throws -> PassedSockets {
        try PassedSockets(environment: environment, process: 42)
    }

    @Test(arguments: [
        (["LISTEN_PID": "42", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "listen"], PassedSockets(listen: 3)),
        (["LISTEN_PID": "42", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "operations"], PassedSockets(operations: 3)),
        (
            ["LISTEN_PID": "42", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "operations:listen"],
            PassedSockets(listen: 4, operations: 3)
        ),
        (["LISTEN_PID": "42", "LISTEN_FDS": "2"], PassedSockets(listen: 3, operations: 4)),
        (["LISTEN_PID": "42", "LISTEN_FDS": "0", "LISTEN_FDNAMES": ""], PassedSockets()),
        (["LISTEN_PID": "41", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "listen"], PassedSockets()),
        (["LISTEN_FDS": "1", "LISTEN_FDNAMES": "listen"], PassedSockets()),
        (["LISTEN_PID": "42"], PassedSockets()),
        ([:], PassedSockets()),
    ])
    func `sockets are told apart by their names, and are for the process they name`(
        environment: [String: String], expected: PassedSockets
    ) throws {
        #expect(try sockets(environment) == expected)
    }

    @Test(arguments: [
        ("3", "listen:operations:more", "LISTEN_FDS=3"), ("-1", "", "LISTEN_FDS=-1"), ("many", "", "LISTEN_FDS=many"),
        ("2", "listen:listen", "two sockets"), ("1", "waypost.socket", "FileDescriptorName="), ("1", "", "listen"),
    ])
    func `what cannot be used is refused with a way out`(count: String, names: String, word: String) throws {
        let environment = ["LISTEN_PID": "42", "LISTEN_FDS": count, "LISTEN_FDNAMES": names]
        let refusal = #expect(throws: PassedSockets.Refusal.self) { try sockets(environment) }
        #expect(refusal?.description.contains(word) == true, "\(String(describing: refusal))")
    }
}
