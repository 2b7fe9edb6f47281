import Testing

@testable import WaypostSandbox

@Suite struct FaultRulesTests {
    private let start = ContinuousClock.now
    private let mail = Occasion(provider: .sendgrid)
    private var rules = FaultRules()

    @Test mutating func `a fault for three requests strikes three`() {
        _ = rules.add(Fault(.sendgrid, .status(.init(503)), count: 3), at: start)
        let strikes = (0..<10).map { _ in rules.strike(mail, at: start) != nil }
        #expect(strikes == Array(repeating: true, count: 3) + Array(repeating: false, count: 7))
    }

    @Test mutating func `a fault for a time ends with it`() {
        _ = rules.add(Fault(.sendgrid, .hang(.before), for: .seconds(5)), at: start)
        #expect(rules.strike(mail, at: start + .milliseconds(4_999)) != nil)
        #expect(rules.strike(mail, at: start + .seconds(5)) == nil)
    }

    @Test mutating func `a fault for a share strikes about that share, the same ones for the same seed`() {
        func run(seed: UInt64) -> [Bool] {
            var fault = Fault(.sendgrid, .reset(.after))
            fault.share = 0.25
            fault.seed = seed
            var rules = FaultRules()
            _ = rules.add(fault, at: start)
            return (0..<4_000).map { _ in rules.strike(mail, at: start) != nil }
        }
        let strikes = run(seed: 7)
        #expect((900...1_100).contains(strikes.count { $0 }))
        #expect(run(seed: 7) == strikes)
        #expect(run(seed: 8) != strikes)
    }

    @Test mutating func `a fault lets the first ones pass where it is told to`() {
        var fault = Fault(.sendgrid, .close(.before), count: 1)
        fault.after = 2
        _ = rules.add(fault, at: start)
        #expect((0..<4).map { _ in rules.strike(mail, at: start) != nil } == [false, false, true, false])
    }

    @Test mutating func `the first fault that strikes wins, and the next takes over when it is over`() {
        _ = rules.add(Fault(.sendgrid, .status(.init(500)), count: 1), at: start)
        _ = rules.add(Fault(.sendgrid, .delay, delay: .seconds(1)), at: start)
        #expect((0..<2).map { _ in rules.strike(mail, at: start)?.id } == [1, 2])
    }

    @Test mutating func `a fault concerns its own provider, and its own part of the traffic`() {
        var fault = Fault(.sendgrid, .status(.init(500)))
        fault.only = .send
        _ = rules.add(fault, at: start)
        #expect(rules.strike(Occasion(provider: .ses), at: start) == nil)
        #expect(rules.strike(Occasion(provider: .sendgrid, sends: false), at: start) == nil)
        var atRecipient = Fault(.smtp, .status(.init(450)))
        atRecipient.stage = .rcpt
        _ = rules.add(atRecipient, at: start)
        #expect(rules.strike(Occasion(provider: .smtp, stage: .mail), at: start) == nil)
        #expect(rules.strike(Occasion(provider: .smtp, stage: .rcpt), at: start) != nil)
    }

    @Test mutating func `a hundred faults are the bound, and those that are over make room`() {
        for _ in 0..<100 { #expect(rules.add(Fault(.ses, .refuse, for: .seconds(1)), at: start) != nil) }
        #expect(rules.add(Fault(.ses, .refuse), at: start) == nil)
        #expect(rules.refuses(.ses, at: start))
        #expect(rules.add(Fault(.smtp, .refuse), at: start + .seconds(1)) == 101)
        #expect(!rules.refuses(.ses, at: start + .seconds(1)))
        #expect(rules.remove(provider: .smtp) == 1)
        #expect(!rules.refuses(.smtp, at: start + .seconds(1)))
    }
}
