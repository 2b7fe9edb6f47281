/// A two-way stream of bytes that blocks its thread: a `Socket`, or the TLS that runs over one.
package protocol ByteChannel: AnyObject {
    /// Waits for bytes and copies at most `buffer.count` of them; 0 when the other side has ended or all was dropped.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int

    /// Sends all of it; false when the connection is no longer there.
    func write(_ bytes: [UInt8]) -> Bool
}
