import Logging
import Synchronization
import Testing

@testable import WaypostApp

@Suite struct ServiceNoticeTests {
    @Test(arguments: [
        (ServiceNotice.ready(status: "Serving on [::1]:80"), "READY=1\nSTATUS=Serving on [::1]:80\n"),
        (.ready(status: "one\nMAINPID=1"), "READY=1\nSTATUS=one MAINPID=1\n"),
        (
            .reloading(since: 12_345_678),
            "RELOADING=1\nMONOTONIC_USEC=12345678\nSTATUS=Reading the configuration anew\n"
        ),
        (
            .stopping(within: .milliseconds(25_500), status: "Ending"),
            "STOPPING=1\nEXTEND_TIMEOUT_USEC=25500000\nSTATUS=Ending\n"
        ),
        (.alive, "WATCHDOG=1\n"),
        (.stuck("thread-commit: 31 s"), "STATUS=Stuck: thread-commit: 31 s\n"),
    ])
    func `a notice is lines of one statement each`(notice: ServiceNotice, text: String) {
        #expect(notice.text == text)
    }

    @Test func `a stuck thread is no sign of life`() {
        #expect(ServiceNotice.beat(stuck: nil) == .alive)
        #expect(!ServiceNotice.beat(stuck: "thread-commit").text.contains("WATCHDOG"))
    }

    @Test(arguments: [
        (["WATCHDOG_USEC": "60000000"], Duration.seconds(30)),
        (["WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "42"], .seconds(30)),
        (["WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "43"], nil), (["WATCHDOG_USEC": "0"], nil),
        (["WATCHDOG_USEC": "-5"], nil), (["WATCHDOG_USEC": "soon"], nil), ([:], nil),
    ])
    func `signs of life come twice as often as they are waited for`(
        environment: [String: String], interval: Duration?
    ) {
        #expect(ServiceNotice.beatInterval(environment: environment, process: 42) == interval)
    }

    @Test(arguments: [
        ("/run/systemd/notify", Array("/run/systemd/notify".utf8)), ("@waypost", [0] + Array("waypost".utf8)),
        ("vsock:2:1", nil), ("notify", nil), ("", nil), ("/", nil), ("/" + String(repeating: "a", count: 200), nil),
    ])
    func `a notify socket is a path or an abstract name`(address: String, name: [UInt8]?) {
        #expect(NotifySocket.name(of: address) == name)
    }

    @Test(arguments: [Configuration.Log.Format.text, .json])
    func `lines of text tell the journal their level, and JSON stays JSON`(format: Configuration.Log.Format) throws {
        let said = Mutex<[String]>([])
        let lines = LogLines(forJournal: true) { line in
            said.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
        }
        lines.apply(try configuration("log: {format: \(format.rawValue)}").log)
        lines.logger.error("one")
        lines.logger.info("two")
        let starts = said.withLock { $0.map { String($0.prefix(3)) } }
        #expect(starts == (format == .text ? ["<3>", "<6>"] : ["{\"t", "{\"t"]))
    }

    @Test(arguments: [nil, "", "0:0", "8:1"])
    func `standard error that is led elsewhere is no journal`(stream: String?) {
        #expect(!SystemJournal.isStandardError(stream))
    }
}
