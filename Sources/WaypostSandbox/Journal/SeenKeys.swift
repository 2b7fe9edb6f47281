/// A bounded set of 64-bit keys, in one flat table: eight bytes a slot, at most three quarters full.
///
/// It holds up to 12,582,912 keys in 128 MiB and starts at 512 KiB; doubling happens so rarely that an insertion stays
/// O(1) on average. Two different things fall on one key about once in 200,000 fillings with five million.
struct SeenKeys: Sendable {
    enum Insertion: Equatable, Sendable {
        case new, seen
        /// Not kept, so not known either: the table is at its bound.
        case full
    }

    private static let maximumSlots = 1 << 24

    private let maximumSlots: Int
    private var slots: [UInt64]
    private(set) var count = 0

    /// `slots` and `maximumSlots` are powers of two.
    init(slots: Int = 1 << 16, maximumSlots: Int = SeenKeys.maximumSlots) {
        self.slots = Array(repeating: 0, count: slots)
        self.maximumSlots = maximumSlots
    }

    mutating func insert(_ key: Int) -> Insertion {
        let key = Self.nonzero(key)
        var index = position(of: key)
        if slots[index] == key { return .seen }
        if (count + 1) * 4 > slots.count * 3 {
            guard slots.count < maximumSlots else { return .full }
            grow()
            index = position(of: key)
        }
        slots[index] = key
        count += 1
        return .new
    }

    func contains(_ key: Int) -> Bool {
        let key = Self.nonzero(key)
        return slots[position(of: key)] == key
    }

    /// The key's slot, or the free one where it belongs; there is always a free one.
    private func position(of key: UInt64) -> Int {
        let mask = slots.count - 1
        var index = Int(truncatingIfNeeded: key) & mask
        while slots[index] != 0, slots[index] != key { index = (index + 1) & mask }
        return index
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: 0, count: old.count * 2)
        for key in old where key != 0 { slots[position(of: key)] = key }
    }

    /// 0 marks a free slot.
    private static func nonzero(_ key: Int) -> UInt64 {
        let bits = UInt64(bitPattern: Int64(key))
        return bits == 0 ? 1 : bits
    }
}
