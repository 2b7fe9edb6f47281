/// Finds what somebody meant who wrote something else.
package enum Spelling {
    /// The candidate fewest slips away from `text`, by letters changed, left out, put in or swapped with a neighbour; nil
    /// when none is near: two slips at most, and no more than a third of the text.
    package static func nearest(to text: String, among candidates: some Sequence<String>) -> String? {
        let written = Array(text.lowercased().utf8)
        let reach = min(2, max(1, written.count / 3))
        var best: (slips: Int, candidate: String)?
        for candidate in candidates {
            let slips = slips(written, Array(candidate.lowercased().utf8))
            if slips <= reach, slips < best?.slips ?? .max { best = (slips, candidate) }
        }
        return best?.candidate
    }

    /// Optimal string alignment distance.
    private static func slips(_ left: [UInt8], _ right: [UInt8]) -> Int {
        guard abs(left.count - right.count) <= 2 else { return .max }
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in 1..<(left.count + 1) {
            var current = [row]
            for column in 1..<(right.count + 1) {
                let change = left[row - 1] == right[column - 1] ? 0 : 1
                var least = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + change)
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                    least = min(least, beforeLast[column - 2] + 1)
                }
                current.append(least)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
