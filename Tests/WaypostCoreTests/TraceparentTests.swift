import Testing
import WaypostCore

@Suite struct TraceparentTests {
    static let sample = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test(arguments: [
        (sample, sample),
        (
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
        ),
        ("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", sample),
        ("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-brings", sample),
    ])
    func `a header is read`(text: String, written: String) {
        #expect(Traceparent(text)?.description == written)
    }

    @Test(arguments: [
        "", "00", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.",
        "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01x",
        "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01", " " + sample, sample + " ",
        "0g-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ])
    func `anything else is ignored`(text: String) {
        #expect(Traceparent(text) == nil)
    }

    @Test func `the id of the trace is what a header of version 0 says, and nothing of anything else`() {
        let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        #expect(Traceparent.traceID(in: header) == "4bf92f3577b34da6a3ce929d0e0e4736")
        for other in ["", "00-4bf9", header + "-x"] { #expect(Traceparent.traceID(in: other) == nil) }
    }

    @Test func `a trace goes on under a step of our own`() throws {
        let caller = try #require(Traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff"))
        let ours = Traceparent.taking(up: caller.description)
        #expect(ours.trace == caller.trace)
        #expect(ours.parent != caller.parent)
        #expect(ours.flags == 1)
        #expect(Traceparent(ours.description) == ours)
    }

    @Test(arguments: [nil, "nonsense"])
    func `without one a trace begins`(header: String?) {
        let begun = Traceparent.taking(up: header)
        #expect(Traceparent(begun.description) == begun)
        #expect(begun != Traceparent.taking(up: header))
    }
}
