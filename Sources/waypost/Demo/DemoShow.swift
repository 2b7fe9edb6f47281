import Foundation
import WaypostCore
import WaypostDelivery
import WaypostPolicy
import WaypostSandbox

/// Plays the script and tells what is to be seen: a picture on a terminal, plain lines elsewhere.
struct DemoShow {
    private let stage: DemoStage
    private let script: DemoScript
    private let endsWithScript: Bool
    private let isDrawn = Terminal.isInteractive
    private let started = ContinuousClock.now
    private var picture = DemoPicture()
    private var seen: Duration = .zero
    private var drawnLines = 0
    private var breakers: [ProviderName: CircuitBreaker.Word] = [:]
    /// Journal entries up to here were before the outage.
    private var outage: (at: Int64, after: Int)?
    private var recovery: (at: Int64, after: Int)?
    /// For rates: when the totals were last looked at, and what they were.
    private var last: (at: Duration, accepted: Int, taken: [String: Int]) = (.zero, 0, [:])

    init(_ stage: DemoStage, script: DemoScript, endsWithScript: Bool) {
        self.stage = stage
        self.script = script
        self.endsWithScript = endsWithScript
    }

    /// Returns when the script is over, or `pause`, which waits for the given time, says that somebody wants to leave.
    mutating func run(pause: (Duration) -> Bool) {
        tell("router \(stage.url), metrics \(stage.url)/metrics, sandbox \(stage.sandbox.controlURL)")
        var tick = 0
        repeat {
            let now = ContinuousClock.now - started
            for act in script.acts(after: seen, upTo: now) { play(act, at: now) }
            seen = now
            watch(at: now)
            if now - last.at >= .seconds(1) { measure(at: now) }
            if isDrawn, tick % 5 == 0 { draw(at: now) }
            tick += 1
            if endsWithScript, now >= script.length { break }
        } while !pause(.milliseconds(50))
        if isDrawn { draw(at: ContinuousClock.now - started) }
    }

    // MARK: What happens

    private mutating func play(_ act: DemoScript.Act, at now: Duration) {
        let place = (at: wall, after: stage.sandbox.journal.entries(after: 0, limit: .max).last?.sequence ?? 0)
        stage.play(act)
        switch act {
        case .fails:
            outage = place
            note("sendgrid answers 503", at: now)
        case .refuses: note("sendgrid refuses connections", at: now)
        case .returns:
            recovery = place
            note("sendgrid is well again", at: now)
        }
    }

    private mutating func watch(at now: Duration) {
        for gate in stage.app.providers {
            guard let state = gate.breakers.first?.state.word else { continue }
            if let before = breakers[gate.provider], before != state {
                note("breaker of \(gate.provider): \(before.rawValue) to \(state.rawValue)", at: now)
            }
            breakers[gate.provider] = state
        }
        if let outage, let first = firstTake(by: .ses, after: outage.after) {
            note("failover: the first message left by ses \(first - outage.at) ms after the outage began", at: now)
            self.outage = nil
        }
        if let recovery, let first = firstTake(by: .sendgrid, after: recovery.after) {
            note("recovery: sendgrid carries messages again, \(first - recovery.at) ms after it was well", at: now)
            self.recovery = nil
        }
    }

    private func firstTake(by provider: StandIn, after: Int) -> Int64? {
        stage.sandbox.journal.entries(of: provider, after: after, limit: 1000)
            .first { $0.isTaken && $0.message != nil }?.wallMilliseconds
    }

    private var wall: Int64 { SystemTime().wallNow.milliseconds }

    // MARK: What is told

    private mutating func note(_ text: String, at now: Duration) {
        let line = DemoPicture.time(now) + "  " + text
        picture.add(line)
        if !isDrawn { tell(line) }
    }

    private mutating func measure(at now: Duration) {
        let counts = stage.traffic.counts
        let journal = stage.sandbox.journal.summary
        let span = (now - last.at).seconds
        picture.acceptedRate = Double(counts.accepted - last.accepted) / span
        picture.accepted = counts.accepted
        picture.waiting = stage.app.ledger.open
        var taken: [String: Int] = [:]
        picture.rows = stage.app.providers.compactMap { gate in
            guard let standIn = StandIn(rawValue: gate.provider.text) else { return nil }
            let total = journal.providers[standIn]?.taken ?? 0
            taken[gate.provider.text] = total
            let rate = Double(total - last.taken[gate.provider.text, default: 0]) / span
            return DemoPicture.Row(
                name: gate.provider.text, breaker: gate.breakers.first?.state.word.rawValue ?? "closed", rate: rate,
                total: total, inFlight: gate.inFlight)
        }
        last = (now, counts.accepted, taken)
        if !isDrawn { tell(picture.plainLine(at: now)) }
    }

    private mutating func draw(at now: Duration) {
        let lines = picture.lines(at: now, url: stage.url, ends: endsWithScript ? script.length : nil)
        var text = drawnLines > 0 ? "\u{1B}[\(drawnLines)F" : ""
        for line in lines { text += "\u{1B}[2K\(line)\n" }
        text += "\u{1B}[0J"
        drawnLines = lines.count
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    private func tell(_ line: String) {
        guard !isDrawn else { return }
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
}
