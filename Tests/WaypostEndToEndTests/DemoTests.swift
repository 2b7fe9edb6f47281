import Testing

extension EndToEnd {
    /// `waypost demo`, as somebody sees it whose output goes to a file.
    @Suite struct Demo {
        private static let channels = [
            ("email", "sendgrid", "ses"), ("sms", "twilio", "messagebird"), ("whatsapp", "twilio", "messagebird"),
            ("voice", "twilio", "messagebird"), ("push", "fcm", "apns"),
        ]

        @Test func `every primary fails and comes back, and nothing is lost or doubled`() throws {
            let folder = try Folder()
            let end = try Child.run(
                Child.program("waypost"), ["demo", "--for", "8s", "--rate", "270"], in: folder, name: "demo")
            #expect(end.status == 0, "\(end.output)\(end.complaints)")
            let lines = end.output.split(separator: "\n").map(String.init)
            #expect(lines.last == "nothing lost, nothing doubled")
            #expect(!end.output.contains("\u{1B}"), "a file is not drawn on")
            for (channel, primary, backup) in Self.channels {
                for act in [
                    "\(primary) answers 503", "\(primary) refuses connections", "\(primary) is well again",
                    "failover to \(backup) within",
                ] { #expect(end.output.contains("\(channel): \(act)"), "\(channel): \(act)") }
                let account = lines.last { $0.hasPrefix(channel + " ") }?.split(separator: " ").map(String.init) ?? []
                // Channel, accepted, delivered, lost, doubled, then who took how many.
                try #require(account.count == 9, "\(lines)")
                #expect((Int(account[1]) ?? 0) > 0)
                #expect(account[3...4] == ["0", "0"])
                let taken = [account[6], account[8]].map { Int($0.prefix { $0 != "," }) ?? 0 }
                #expect(taken.allSatisfy { $0 > 0 } && taken.reduce(0, +) >= Int(account[1]) ?? 0, "\(account)")
            }
        }

        @Test(arguments: [["--for", "5s"], ["--rate", "26"], ["--rate", "2001"]])
        func `what cannot be shown is refused`(arguments: [String]) throws {
            let end = try Child.run(
                Child.program("waypost"), ["demo"] + arguments, in: try Folder(), name: "demo")
            #expect(end.status == 64)
            #expect(end.complaints.contains(arguments[0]))
        }
    }
}
