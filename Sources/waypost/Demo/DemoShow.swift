import Foundation
import WaypostCore
import WaypostDelivery
import WaypostPolicy
import WaypostSandbox
import WaypostStore

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
    /// What is waited for on a channel: whose first message, since when, and after which entry of the journal.
    private struct Awaited {
        var standIn: StandIn
        var since: Int64
        var after: Int
    }
    private var failovers: [Channel: Awaited] = [:]
    private var recoveries: [Channel: Awaited] = [:]
    /// For rates: when the totals were last looked at, and what they were.
    private var last: (at: Duration, accepted: Int, taken: [ProviderName: Int]) = (.zero, 0, [:])

    init(_ stage: DemoStage, script: DemoScript, endsWithScript: Bool) {
        self.stage = stage
        self.script = script
        self.endsWithScript = endsWithScript
    }

    /// Returns when the script is over, or `pause`, which waits for the given time, says that somebody wants to leave.
    mutating func run(pause: (Duration) -> Bool) {
        tell("router \(stage.url), metrics \(stage.url)/metrics")
        for cast in DemoCast.all {
            tell("sandbox for \(cast.channel.rawValue) \(stage.sandboxes[cast.channel]?.controlURL ?? "")")
        }
        var tick = 0
        repeat {
            let now = ContinuousClock.now - started
            for scene in script.scenes(after: seen, upTo: now) { play(scene, at: now) }
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

    private mutating func play(_ scene: DemoScript.Scene, at now: Duration) {
        guard let cast = DemoCast.all.first(where: { $0.channel == scene.channel }),
            let journal = stage.journal(of: cast)
        else { return }
        func first(by standIn: StandIn) -> Awaited {
            Awaited(standIn: standIn, since: wall, after: journal.entries(after: 0, limit: .max).last?.sequence ?? 0)
        }
        let place = "\(cast.channel.rawValue): \(cast.primary.rawValue)"
        switch scene.act {
        case .fails:
            failovers[cast.channel] = first(by: cast.backup)
            note("\(place) answers 503", at: now)
        case .refuses: note("\(place) refuses connections", at: now)
        case .returns:
            recoveries[cast.channel] = first(by: cast.primary)
            note("\(place) is well again", at: now)
        }
        stage.play(scene.act, on: cast)
    }

    private mutating func watch(at now: Duration) {
        let gates = stage.app.providers
        for cast in DemoCast.all {
            for gate in gates where cast.standIns.contains(where: { cast.instance($0) == gate.provider }) {
                guard let state = Self.state(of: gate, on: cast) else { continue }
                if let before = breakers[gate.provider], before != state {
                    note("breaker of \(gate.provider): \(before.rawValue) to \(state.rawValue)", at: now)
                }
                breakers[gate.provider] = state
            }
        }
        for cast in DemoCast.all {
            let channel = cast.channel
            if let awaited = failovers[channel], let span = span(of: awaited, on: cast) {
                note("\(channel.rawValue): failover to \(awaited.standIn.rawValue) within \(span) ms", at: now)
                failovers[channel] = nil
            }
            if let awaited = recoveries[channel], let span = span(of: awaited, on: cast) {
                note("\(channel.rawValue): \(awaited.standIn.rawValue) carries again after \(span) ms", at: now)
                recoveries[channel] = nil
            }
        }
    }

    private static func state(of gate: ProviderGates.Snapshot, on cast: DemoCast) -> CircuitBreaker.Word? {
        gate.breakers.first { $0.channel == cast.channel }?.state.word
    }

    /// Milliseconds until the first message was taken; nil: none was yet.
    private func span(of awaited: Awaited, on cast: DemoCast) -> Int64? {
        stage.journal(of: cast)?.entries(of: awaited.standIn, after: awaited.after, limit: 1000)
            .first { $0.isTaken && $0.message != nil }
            .map { $0.wallMilliseconds - awaited.since }
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
        let ledger = stage.app.ledger
        let gates = Dictionary(uniqueKeysWithValues: stage.app.providers.map { ($0.provider, $0) })
        let span = (now - last.at).seconds
        let accepted = counts.values.reduce(0) { $0 + $1.accepted }
        picture.acceptedRate = Double(accepted - last.accepted) / span
        var taken: [ProviderName: Int] = [:]
        picture.panes = DemoCast.all.compactMap { cast in
            guard let journal = stage.journal(of: cast)?.summary else { return nil }
            let told = stage.sandboxes[cast.channel]?.callbackCounts ?? [:]
            let rows = cast.standIns.map { standIn in
                let name = cast.instance(standIn)
                let total = journal.providers[standIn]?.taken ?? 0
                taken[name] = total
                return DemoPicture.Row(
                    name: standIn.rawValue,
                    breaker: gates[name].flatMap { Self.state(of: $0, on: cast) }?.rawValue ?? "closed",
                    rate: Double(total - last.taken[name, default: 0]) / span, total: total,
                    delivered: cast.tellsDelivery ? told[standIn]?.deliveries ?? 0 : nil,
                    inFlight: gates[name]?.inFlight ?? 0)
            }
            let waiting = [DeliveryState.scheduled, .queued, .sending].reduce(0) { $0 + ledger[cast.channel, $1].live }
            let delivered = ledger[cast.channel, .delivered]
            return DemoPicture.Pane(
                name: cast.channel.rawValue, accepted: counts[cast.channel]?.accepted ?? 0, waiting: waiting,
                delivered: cast.tellsDelivery ? delivered.live + delivered.retired : nil, rows: rows)
        }
        last = (now, accepted, taken)
        if !isDrawn { tell(picture.plainLine(at: now)) }
    }

    private mutating func draw(at now: Duration) {
        let lines = picture.lines(
            at: now, url: stage.url, ends: endsWithScript ? script.length : nil, size: Terminal.size)
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
