/// One moment in an exchange at which a fault may strike.
struct Occasion: Equatable, Sendable {
    var provider: StandIn
    /// HTTP: whether the request is one that sends.
    var sends = true
    /// SMTP only.
    var stage = Fault.Stage.dot
}

/// A fault that strikes now, and the number it was given.
struct ActiveFault: Equatable, Sendable {
    let id: Int
    let fault: Fault
}

/// The faults that are set, in order: the first that strikes wins. It reads no clock and draws its chances from the
/// faults' own seeds.
struct FaultRules: Sendable {
    struct Rule: Sendable {
        let id: Int
        let fault: Fault
        let setAt: ContinuousClock.Instant
        fileprivate(set) var passed = 0
        fileprivate(set) var strikes = 0
        fileprivate var random: SplitMix64

        func isOver(at now: ContinuousClock.Instant) -> Bool {
            if let span = fault.span, now - setAt >= span { return true }
            if let count = fault.count { return strikes >= count }
            return false
        }
    }

    /// A hundred; further ones are refused.
    static let maximum = 100

    private(set) var rules: [Rule] = []
    private var lastID = 0

    /// nil when there are too many already.
    mutating func add(_ fault: Fault, at now: ContinuousClock.Instant) -> Int? {
        removeOver(at: now)
        guard rules.count < Self.maximum else { return nil }
        lastID += 1
        rules.append(Rule(id: lastID, fault: fault, setAt: now, random: SplitMix64(state: fault.seed)))
        return lastID
    }

    /// Lifts all, those of one provider, or the one of that number; returns how many there were.
    mutating func remove(provider: StandIn? = nil, id: Int? = nil) -> Int {
        let before = rules.count
        rules.removeAll { (provider == nil || $0.fault.provider == provider) && (id == nil || $0.id == id) }
        return before - rules.count
    }

    mutating func removeOver(at now: ContinuousClock.Instant) { rules.removeAll { $0.isOver(at: now) } }

    /// The first fault that strikes, counted as struck.
    mutating func strike(_ occasion: Occasion, at now: ContinuousClock.Instant) -> ActiveFault? {
        guard !rules.isEmpty else { return nil }
        removeOver(at: now)
        for index in rules.indices where Self.concerns(rules[index].fault, occasion) {
            let fault = rules[index].fault
            if rules[index].passed < fault.after {
                rules[index].passed += 1
                continue
            }
            if fault.share < 1, rules[index].random.unit() >= fault.share { continue }
            rules[index].strikes += 1
            return ActiveFault(id: rules[index].id, fault: fault)
        }
        return nil
    }

    /// Whether the provider's ports are to be shut.
    func refuses(_ provider: StandIn, at now: ContinuousClock.Instant) -> Bool {
        rules.contains { $0.fault.provider == provider && $0.fault.effect == .refuse && !$0.isOver(at: now) }
    }

    private static func concerns(_ fault: Fault, _ occasion: Occasion) -> Bool {
        guard fault.provider == occasion.provider, fault.effect != .refuse else { return false }
        return fault.provider.speaksHTTP ? fault.only == .all || occasion.sends : fault.stage == occasion.stage
    }
}

/// Sebastiano Vigna's SplitMix64: eight bytes of state, the same numbers from the same seed everywhere.
struct SplitMix64: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// At least 0, below 1.
    mutating func unit() -> Double { Double(next() >> 11) / Double(1 << 53) }
}
