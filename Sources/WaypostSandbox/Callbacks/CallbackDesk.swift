import Synchronization
import WaypostHTTP

/// Sends the callbacks of what the stand-ins took: one thread plans, in the order of taking; lanes post.
///
/// A stand-in hands over what it took and goes on: nothing is written, signed or sent on its thread.
final class CallbackDesk: Sendable {
    private enum Job: Sendable {
        case order(TakenOrder, wall: Int64)
        case letter(Letter)
    }

    /// SendGrid's posts gather events, and those that wait for more would hold up the others.
    private static let batchLanes = 2
    private static let otherLanes = 6

    let seal: CallbackSeal
    var topic: SNSTopic { seal.topic }
    private let plan: Mutex<CallbackPlan>
    /// As the plan's settings have it, for those who may not wait for the plan.
    private let isOn: Atomic<Bool>
    private let tally = Mutex<[StandIn: CallbackCounts]>([:])
    private let underWay = Atomic(0)
    private let jobs: TimedQueue<Job>
    private let capacity: Int
    private let lanes: [TimedQueue<Letter>]
    private let sockets: [CurrentSocket]
    private let numbers = Numbers()
    private let workers = Workers()

    init(_ settings: Sandbox.Settings) throws(TLSFailure) {
        let callbacks = settings.callbacks
        let key =
            if let pem = callbacks.sendGridSigningKey { try PrivateKey(pem: pem) } else { try PrivateKey(.p256) }
        seal = CallbackSeal(
            sendGridKey: key, twilioToken: settings.twilio.authToken, messageBirdKey: callbacks.messageBirdSigningKey,
            topic: try SNSTopic(arn: callbacks.topicARN, version: callbacks.signatureVersion))
        plan = Mutex(CallbackPlan(settings))
        isOn = Atomic(callbacks.isOn)
        capacity = callbacks.capacity
        let capacity = callbacks.capacity
        jobs = TimedQueue(capacity: capacity)
        lanes = (0..<Self.batchLanes + Self.otherLanes).map { _ in TimedQueue(capacity: capacity) }
        sockets = lanes.map { _ in CurrentSocket() }
    }

    /// Opens for business. Threads that the machine does not give are missing: their callbacks wait for ever.
    func start() {
        _ = workers.start { [self] in planAll() }
        for number in lanes.indices {
            _ = workers.start { [self] in
                let client = CallbackClient(numbers, sockets[number])
                while let letter = lanes[number].pop() {
                    post(number < Self.batchLanes ? gather(letter, in: lanes[number]) : letter, by: client)
                }
            }
        }
        subscribe()
    }

    /// Forgets what is under way; false when a thread would not end within seconds.
    func stop() -> Bool {
        jobs.stop()
        for lane in lanes { lane.stop() }
        for socket in sockets { socket.stop() }
        return workers.wait(atMost: 5)
    }

    // MARK: What others tell it

    /// Told before the answer leaves.
    func taken(_ order: TakenOrder, at wall: Int64) {
        guard isOn.load(ordering: .relaxed) else { return }
        enqueue(.order(order, wall: wall), of: order.provider)
    }

    /// False where nobody has said where it goes.
    func send(_ message: Inbound, at wall: Int64) -> Bool {
        guard let letter = plan.withLock({ $0.letter(for: message, at: wall, ids: seal.ids) }) else { return false }
        enqueue(.letter(letter), of: message.provider)
        return true
    }

    /// Asks SES's subscriber to confirm (again); nothing happens without a URL.
    func subscribe() {
        guard let url = settings.sesURL, settings.isOn else { return }
        topic.renew()
        let content = Letter.Content.notification(nil, id: seal.ids.nextUUID(), at: WallClock.milliseconds)
        enqueue(.letter(Letter(.ses, url, content, key: "subscription")), of: .ses)
    }

    private func enqueue(_ job: Job, of provider: StandIn) {
        guard jobs.push(job) else { return count(provider) { $0.overflowed += 1 } }
        underWay.add(1, ordering: .relaxed)
    }

    var settings: Sandbox.Settings.Callbacks { plan.withLock { $0.settings } }
    /// Orders and letters that are not at their end.
    var open: Int { underWay.load(ordering: .relaxed) }
    var counts: [StandIn: CallbackCounts] { tally.withLock { $0 } }
    func clearCounts() { tally.withLock { $0 = [:] } }

    /// Subscribes when SES's URL is another one than before.
    func change(_ body: (inout CallbackPlan) -> Void) {
        let isNew = plan.withLock { plan in
            let before = plan.settings.sesURL
            body(&plan)
            isOn.store(plan.settings.isOn, ordering: .relaxed)
            return plan.settings.sesURL != before
        }
        if isNew { subscribe() }
    }

    func read<Value: Sendable>(_ body: (CallbackPlan) -> Value) -> Value { plan.withLock { body($0) } }

    // MARK: Planning

    private func planAll() {
        while let job = jobs.pop() {
            switch job {
            case .letter(let letter): place(.init(letter: letter, after: .zero), from: .now)
            case .order(let order, let wall):
                let now = ContinuousClock.now
                var chances = CallbackCounts()
                let dated = plan.withLock { $0.letters(for: order, at: wall, ids: seal.ids, counts: &chances) }
                let provider = order.provider
                let (lost, duplicated) = (chances.lost, chances.duplicated)
                let (again, reordered) = (chances.again, chances.reordered)
                count(provider) { counts in
                    counts.lost += lost
                    counts.duplicated += duplicated
                    counts.again += again
                    counts.reordered += reordered
                }
                for dated in dated { place(dated, from: now) }
            }
            underWay.subtract(1, ordering: .relaxed)
        }
    }

    private func place(_ dated: CallbackPlan.Dated, from now: ContinuousClock.Instant) {
        let letter = dated.letter
        underWay.add(1, ordering: .relaxed)
        guard open <= capacity, lane(of: letter).push(letter, due: now + dated.after) else {
            underWay.subtract(1, ordering: .relaxed)
            return count(letter.provider) { $0.overflowed += letter.events }
        }
    }

    /// One for all that belongs together; forged events are posted by themselves.
    private func lane(of letter: Letter) -> TimedQueue<Letter> {
        let number = Int(UInt(bitPattern: letter.key.hashValue) >> 1)
        return letter.provider == .sendgrid && !letter.isForged
            ? lanes[number % Self.batchLanes] : lanes[Self.batchLanes + number % Self.otherLanes]
    }

    // MARK: Posting

    /// One post of as many events as are due before the first has waited long enough, and not over 768 KB.
    private func gather(_ first: Letter, in lane: TimedQueue<Letter>) -> Letter {
        guard case .event(let event) = first.content else { return first }
        let settings = settings
        let deadline = ContinuousClock.now + settings.batchDelay
        var batch = first
        var body = Array("[".utf8) + event
        var events = 1
        while events < settings.batchEvents, body.count < 768_000, let next = lane.pop(until: deadline) {
            guard case .event(let event) = next.content, next.url == first.url else {
                _ = lane.push(next)  // by itself, right after this one
                break
            }
            body.append(UInt8(ascii: ","))
            body += event
            events += 1
            batch.deliveries += next.deliveries
        }
        underWay.subtract(events - 1, ordering: .relaxed)
        batch.content = .batch(body + Array("]\r\n".utf8), events: events)
        return batch
    }

    private func post(_ letter: Letter, by client: CallbackClient) {
        if case .notification(.some, _, _) = letter.content, settings.waitsForConfirmation, !topic.isConfirmed {
            return again(letter, after: .milliseconds(200))
        }
        guard let request = seal.request(for: letter, at: WallClock.milliseconds) else {
            return finish(letter) { $0.abandoned += letter.events }
        }
        let reply = client.reply(to: request)
        if letter.isForged {
            return finish(letter) { counts in
                counts.forged += 1
                if case .answer(200...299) = reply { counts.forgedAccepted += 1 }
            }
        }
        let status: Int?
        switch reply {
        case .stranger: return finish(letter) { $0.skipped += letter.events }
        case .answer(let answered): status = answered
        case .none: status = nil
        }
        let isAccepted = status.map { (200...299).contains($0) } ?? false
        count(letter.provider) { counts in
            counts.posts += 1
            counts.events += letter.events
            if isAccepted {
                counts.accepted += letter.events
                counts.deliveries += letter.deliveries
            } else if status == nil {
                counts.unanswered += 1
            } else {
                counts.refused += 1
            }
        }
        if isAccepted {
            finish(letter) { _ in }
        } else if let pause = plan.withLock({ $0.retry(of: letter, after: status) }) {
            var letter = letter
            letter.failures += 1
            count(letter.provider) { $0.retried += 1 }
            again(letter, after: pause)
        } else {
            finish(letter) { $0.abandoned += letter.events }
        }
    }

    private func again(_ letter: Letter, after pause: Duration) {
        if !lane(of: letter).push(letter, due: .now + pause) { finish(letter) { $0.overflowed += letter.events } }
    }

    private func finish(_ letter: Letter, _ change: @Sendable (inout CallbackCounts) -> Void) {
        count(letter.provider, change)
        underWay.subtract(1, ordering: .relaxed)
    }

    private func count(_ provider: StandIn, _ change: (inout CallbackCounts) -> Void) {
        tally.withLock { change(&$0[provider, default: .init()]) }
    }
}
