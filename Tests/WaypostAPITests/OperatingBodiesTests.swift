import Testing
import WaypostAPI
import WaypostCore
import WaypostJSON

@Suite struct OperatingBodiesTests {
    private static let id = MessageID(at: noon).description

    private func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    @Test func `dead letters are chosen by their ids or by the list's filter`() throws {
        let byID = try DeadLetterReplay.decode(try json(#"{"ids": ["\#(Self.id)"], "dry_run": true}"#)).get()
        #expect(byID.selection == .ids([try #require(MessageID(Self.id))]))
        #expect(byID.isDryRun)
        let all = try DeadLetterReplay.decode(try json(#"{"filter": {}}"#)).get()
        #expect(all.selection == .filter(MessageFilter()))
        #expect(!all.isDryRun)
        var filter = MessageFilter()
        filter.channel = .email
        filter.statuses = [.dead, .inDoubt]
        filter.type = .marketing
        filter.to = "jane@example.com"
        filter.tag = "a"
        filter.createdAfter = noon
        filter.createdBefore = noon
        filter.reason = "ttl"
        let body = """
            {"filter": {"channel": "email", "status": "dead,in_doubt", "type": "marketing", "to": "jane@example.com",
             "tag": "a", "created_after": "2025-01-15T12:00:00Z", "created_before": "2025-01-15T12:00:00Z",
             "reason": "ttl"}, "reason": "cleaning"}
            """
        let purge = try DeadLetterPurge.decode(try json(body)).get()
        #expect(purge.selection == .filter(filter))
        #expect(purge.reason == "cleaning")
        #expect(!purge.isDryRun)
    }

    @Test(arguments: [
        (#"{}"#, "", ProblemCode.invalid), (#"{"ids": [], "filter": {}}"#, "/ids", .invalid),
        (#"{"ids": ["\#(id)"], "filter": {}}"#, "/filter", .invalid), (#"{"ids": ["x"]}"#, "/ids/0", .invalid),
        (#"{"ids": ["\#(id)", "\#(id)"]}"#, "/ids/1", .invalid), (#"{"ids": [5]}"#, "/ids/0", .malformed),
        (#"{"filter": {"status": "gone"}}"#, "/filter/status", .invalid),
        (#"{"filter": {"colour": "red"}}"#, "/filter/colour", .malformed),
        (#"{"filter": {}, "dry_run": "yes"}"#, "/dry_run", .malformed),
    ])
    func `a selection that cannot be right is named`(body: String, pointer: String, word: ProblemCode) throws {
        let result = DeadLetterReplay.decode(try json(body))
        #expect(code(result) == word)
        #expect(pointers(result).contains(pointer), "\(findings(result))")
    }

    @Test func `purging and resolving need a reason`() throws {
        #expect(pointers(DeadLetterPurge.decode(try json(#"{"filter": {}}"#))) == ["/reason"])
        #expect(
            pointers(DeadLetterResolution.decode(try json(#"{"ids": ["\#(Self.id)"], "as": "lost", "reason": ""}"#)))
                == ["/as", "/reason"])
        #expect(Set(pointers(DeadLetterResolution.decode(try json("{}")))) == ["/ids", "/as", "/reason"])
        for verdict in ["sent", "failed", "resend"] {
            let body = try json(#"{"ids": ["\#(Self.id)"], "as": "\#(verdict)", "reason": "asked them"}"#)
            #expect(try DeadLetterResolution.decode(body).get().verdict.rawValue == verdict)
        }
    }

    @Test func `a breaker is held open, closed or not at all`() throws {
        let held = try BreakerOperation.decode(
            try json(#"{"state": "open", "channel": "email", "reason": "maintenance", "for": "10m"}"#)
        ).get()
        #expect(held.state == .open)
        #expect(held.channel == .email)
        #expect(held.reason == "maintenance")
        #expect(held.duration == .seconds(600))
        #expect(pointers(BreakerOperation.decode(try json("{}"))) == ["/state"])
        #expect(pointers(BreakerOperation.decode(try json(#"{"state": "half_open"}"#))) == ["/state"])
        #expect(pointers(BreakerOperation.decode(try json(#"{"state": "auto", "for": "1m"}"#))) == ["/for"])
    }

    @Test func `disabling a provider may say why and for how long`() throws {
        #expect(try ProviderOperation.decode(.object([])).get().duration == nil)
        #expect(
            try ProviderOperation.decode(try json(#"{"reason": "x", "for": "1h"}"#)).get().duration == .seconds(3600))
        #expect(pointers(ProviderOperation.decode(try json(#"{"for": "0s", "reason": "a\nb"}"#))).count == 2)
        #expect(code(ProviderOperation.decode(try json(#"{"until": "x"}"#))) == .malformed)
    }

    @Test(arguments: Procedure.allCases)
    func `a procedure needs a reason, and takes how long and whether only to look`(procedure: Procedure) throws {
        let channel = procedure == .switchToBackup ? #""channel": "email", "# : ""
        let body = try json("{" + channel + #""reason": "fire", "for": "10m", "dry_run": true}"#)
        let order = try EmergencyOrder.decode(body, for: procedure).get()
        #expect(order.reason == "fire" && order.duration == .seconds(600) && order.isDryRun)
        #expect(pointers(EmergencyOrder.decode(try json("{}"), for: procedure)).contains("/reason"))
        #expect(code(EmergencyOrder.decode(try json(#"{"reason": "x", "colour": 1}"#), for: procedure)) == .malformed)
    }

    @Test(arguments: Procedure.allCases)
    func `where nothing stands that could lift itself, the answer says that the time has no effect`(
        procedure: Procedure
    ) throws {
        let isTimeless = [.resume, .clearQueue, .resetRateLimits].contains(procedure)
        let channel = procedure == .switchToBackup ? #""channel": "email", "# : ""
        func notes(_ more: String) throws -> JSONValue? {
            let body = try json("{" + channel + #""reason": "fire""# + more + "}")
            let order = try EmergencyOrder.decode(body, for: procedure).get()
            return try JSONValue(parsing: EmergencyAnswer(procedure, order, touched: BlastRadius()).bytes)["notes"]
        }
        for more in [#", "for": "10m""#, #", "for": "10m", "dry_run": true"#] {
            let notes = try #require(try notes(more)?.array)
            let start = "for has no effect on \(procedure.rawValue): "
            #expect(notes.count == (isTimeless ? 1 : 0))
            #expect(notes.allSatisfy { $0.string?.hasPrefix(start) == true })
        }
        #expect(try notes("") == [])
    }

    @Test(arguments: [
        (Procedure.stopSending, #"{"reason": "x", "provider": "ses"}"#, "/provider"),
        (.switchToBackup, #"{"reason": "x"}"#, "/channel"),
        (.clearQueue, #"{"reason": "x", "channel": "fax"}"#, "/channel"),
        (.resetRateLimits, #"{"reason": "x", "channel": "email"}"#, "/channel"),
        (.openBreakers, #"{"reason": "x", "provider": "No One"}"#, "/provider"),
        (.openBreakers, #"{"reason": "x", "for": "soon"}"#, "/for"),
    ])
    func `what a procedure does not take is named`(procedure: Procedure, body: String, pointer: String) throws {
        #expect(pointers(EmergencyOrder.decode(try json(body), for: procedure)) == [pointer])
    }
}
