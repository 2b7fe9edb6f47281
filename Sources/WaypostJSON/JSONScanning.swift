/// Finds where a run of plain string bytes ends: the reader and the writer of JSON both live on it.
///
/// - Returns: the index of the first byte from `start` on that is a quote, a backslash or a control character (RFC 8259
///   section 7), or `bytes.count`.
@inline(__always)
func endOfPlainRun(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    guard let base = bytes.baseAddress else { return start }
    let memory = UnsafeRawPointer(base)
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    var position = start
    // Eight bytes at a time ("haszero" and "hasless" of Bit Twiddling Hacks). A borrow can mark a byte too many, but only
    // above one that is marked rightly, and the lowest mark is the one that counts.
    while position + 8 <= bytes.count {
        let word = UInt64(littleEndian: memory.loadUnaligned(fromByteOffset: position, as: UInt64.self))
        let quotes = word ^ (ones &* 0x22)
        let backslashes = word ^ (ones &* 0x5C)
        let found =
            (((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes) | ((word &- ones &* 0x20) & ~word))
            & highs
        if found != 0 { return position + found.trailingZeroBitCount / 8 }
        position += 8
    }
    while position < bytes.count {
        let byte = bytes[position]
        if byte < 0x20 || byte == 0x22 || byte == 0x5C { return position }
        position += 1
    }
    return position
}
