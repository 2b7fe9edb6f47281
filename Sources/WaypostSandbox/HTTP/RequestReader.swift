/// Reads request after request from one connection, through a buffer that also holds what came too early.
struct RequestReader {
    private static let maximumHead = 32_768

    private let channel: any ByteChannel
    private var buffer = [UInt8](repeating: 0, count: 16_384)
    private var start = 0
    private var end = 0

    init(_ channel: any ByteChannel) { self.channel = channel }

    /// The next request's head; nil when the client has left between two requests.
    mutating func head() throws(HTTPRefusal) -> RequestHead? {
        var searched = start
        while true {
            if let stop = emptyLine(from: searched) {
                let range = start..<stop
                let parsed = buffer.withUnsafeBufferPointer { bytes -> Result<RequestHead, HTTPRefusal> in
                    do throws(HTTPRefusal) {
                        return .success(try RequestHead(parsing: UnsafeBufferPointer(rebasing: bytes[range])))
                    } catch {
                        return .failure(error)
                    }
                }
                start = stop + 2
                return try parsed.get()
            }
            guard end - start < Self.maximumHead else { throw HTTPRefusal(431, "the head is over 32 KiB") }
            searched = max(0, end - start - 3)
            let isFirst = end == start
            guard fill() else {
                if isFirst { return nil }
                throw HTTPRefusal(400, "the head ends too early")
            }
            searched += start
        }
    }

    /// The body that the head announces.
    mutating func body(of head: RequestHead) throws(HTTPRefusal) -> [UInt8] {
        switch head.body {
        case .length(0): return []
        case .length(let length): return try bytes(length)
        case .chunked: return try chunks()
        }
    }

    /// Reads half of the body, at least a byte where there is one, and forgets it: for a fault in the midst of it.
    mutating func discardHalf(of head: RequestHead) {
        guard case .length(let length) = head.body, length > 0 else { return }
        _ = try? bytes((length + 1) / 2)
    }

    /// Where the empty line begins: after the CRLF of the last field.
    private func emptyLine(from position: Int) -> Int? {
        buffer.withUnsafeBufferPointer { bytes in
            var index = position
            while index + 3 < end {
                // Look at every fourth byte's neighbourhood only when it can be part of CR LF CR LF.
                let byte = bytes[index + 3]
                if byte == 0x0A, bytes[index] == 0x0D, bytes[index + 1] == 0x0A, bytes[index + 2] == 0x0D {
                    return index + 2
                }
                index += byte == 0x0A || byte == 0x0D ? 1 : 4
            }
            return nil
        }
    }

    private mutating func bytes(_ count: Int) throws(HTTPRefusal) -> [UInt8] {
        let held = min(count, end - start)
        var isWhole = true
        let channel = channel
        let body = [UInt8](unsafeUninitializedCapacity: count) { target, filled in
            _ = target.initialize(fromContentsOf: buffer[start..<(start + held)])
            filled = held
            while filled < count {
                let rest = UnsafeMutableRawBufferPointer(target)[filled...]
                let read = channel.read(into: UnsafeMutableRawBufferPointer(rebasing: rest))
                guard read > 0 else {
                    isWhole = false
                    return
                }
                filled += read
            }
        }
        start += held
        guard isWhole else { throw HTTPRefusal(400, "the body ends too early") }
        return body
    }

    /// RFC 9112 section 7.1; extensions and trailers are read and dropped.
    private mutating func chunks() throws(HTTPRefusal) -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let line = try line()
            let digits = line.prefix { $0 != UInt8(ascii: ";") }
            guard (1...8).contains(digits.count), let size = Int(String(decoding: digits, as: UTF8.self), radix: 16),
                size >= 0, digits.first != UInt8(ascii: "+"), digits.first != UInt8(ascii: "-")
            else { throw HTTPRefusal(400, "a chunk must begin with its size in hexadecimal") }
            guard size > 0 else { break }
            guard body.count + size <= RequestHead.maximumBody else {
                throw HTTPRefusal(413, "a body is at most \(RequestHead.maximumBody) bytes")
            }
            body.append(contentsOf: try bytes(size))
            guard try self.line().isEmpty else { throw HTTPRefusal(400, "a chunk must end with CR LF") }
        }
        for _ in 0..<100 where try line().isEmpty { return body }
        throw HTTPRefusal(431, "more than 100 trailer fields")
    }

    private mutating func line() throws(HTTPRefusal) -> [UInt8] {
        while true {
            if let stop = buffer[start..<end].firstIndex(of: 0x0A) {
                guard stop > start, buffer[stop - 1] == 0x0D else {
                    throw HTTPRefusal(400, "every line of a chunked body must end with CR LF")
                }
                defer { start = stop + 1 }
                return Array(buffer[start..<(stop - 1)])
            }
            guard end - start < 4_096 else { throw HTTPRefusal(400, "a line of a chunked body is too long") }
            guard fill() else { throw HTTPRefusal(400, "the body ends too early") }
        }
    }

    /// Moves what is left to the front, grows when full, and waits for more.
    private mutating func fill() -> Bool {
        if start > 0 {
            buffer.withUnsafeMutableBytes { bytes in
                bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<end]))  // may overlap
            }
            end -= start
            start = 0
        }
        if end == buffer.count { buffer.append(contentsOf: repeatElement(0, count: buffer.count)) }
        let read = buffer.withUnsafeMutableBytes { bytes in
            channel.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[end...]))
        }
        end += read
        return read > 0
    }
}
