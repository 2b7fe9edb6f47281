import Synchronization

/// A number that many threads add to without a lock.
struct AtomicDouble: ~Copyable, Sendable {
    private let bits = Atomic<UInt64>(0)

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func store(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    func add(_ amount: Double) {
        var seen = bits.load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: seen) + amount).bitPattern
            let (exchanged, original) = bits.weakCompareExchange(expected: seen, desired: sum, ordering: .relaxed)
            if exchanged { return }
            seen = original
        }
    }
}

/// A fixed number of counts that many threads add to without a lock.
///
/// `@unchecked Sendable` holds because the pointer never changes, lives as long as the object, and leads to atomics only.
final class AtomicCounts: @unchecked Sendable {
    private let counts: UnsafeMutableBufferPointer<Atomic<UInt64>>

    init(_ count: Int) {
        counts = .allocate(capacity: count)
        for index in 0..<count { counts.initializeElement(at: index, to: Atomic(0)) }
    }

    deinit {
        counts.deinitialize()
        counts.deallocate()
    }

    func increment(_ index: Int) { counts[index].wrappingAdd(1, ordering: .relaxed) }

    /// The counts as they are now, each read once.
    var values: [UInt64] { counts.indices.map { counts[$0].load(ordering: .relaxed) } }
}
