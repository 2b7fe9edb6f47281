import CNghttp2
import WaypostHTTP

/// The server's side of one HTTP/2 connection (RFC 9113), by libnghttp2: bytes in, whole requests out, answers in, bytes
/// out. It touches no socket. For one thread.
///
/// libnghttp2 must not know the limit of streams: it would end the connection of a client that breaks it, where the
/// stand-ins refuse the stream and count. It is told of a limit beyond reach, which becomes the real one on its way out.
final class HTTP2Session {
    enum Event {
        /// The header fields are there; the body may still be coming.
        case began(HTTP2Stream)
        /// The request is whole.
        case whole(HTTP2Stream)
        /// A stream too many; it has been refused.
        case refused(isViolation: Bool)
    }

    /// What came since it was last emptied, in order.
    var events: [Event] = []
    private(set) var limit: StreamLimit
    private var session: OpaquePointer?
    private var streams: [Int32: HTTP2Stream] = [:]
    private var text: [UInt8] = []
    private var fields: [nghttp2_nv] = []
    private var ranges: [(name: Range<Int>, value: Range<Int>, flags: UInt8)] = []

    /// Of the connection, in bytes. Where it runs out in the midst of a body, clients by libnghttp2 let that stream wait
    /// behind all newer ones, for seconds under load.
    private static let window: Int32 = 1 << 24

    /// Added to the real limit for libnghttp2's eyes.
    private static let beyondReach = 0x4000_0000

    init?(_ rules: StreamLimit.Rules) {
        limit = StreamLimit(rules)
        var callbacks: OpaquePointer?
        var options: OpaquePointer?
        guard nghttp2_session_callbacks_new(&callbacks) == 0, nghttp2_option_new(&options) == 0 else { return nil }
        defer {
            nghttp2_session_callbacks_del(callbacks)
            nghttp2_option_del(options)
        }
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, Self.onBeginHeaders)
        nghttp2_session_callbacks_set_on_header_callback(callbacks, Self.onHeader)
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Self.onData)
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Self.onFrame)
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Self.onClose)
        // Closed streams would be kept up to the limit, which is beyond reach.
        nghttp2_option_set_no_closed_streams(options, 1)
        // libcurl 7.88 ends each stream with RST_STREAM, even one that is over. libnghttp2 takes a thousand of them, and 33 a
        // second more, for an attack (CVE-2023-44487), and would end the connection of whoever sends many messages on it.
        nghttp2_option_set_stream_reset_rate_limit(options, UInt64(Int32.max), UInt64(Int32.max))
        let pointer = Unmanaged.passUnretained(self).toOpaque()
        guard nghttp2_session_server_new2(&session, callbacks, pointer, options) == 0 else { return nil }
        announce(limit.current, first: true)
        nghttp2_session_set_local_window_size(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, Self.window)
    }

    deinit { nghttp2_session_del(session) }

    /// False when neither side has anything more to say.
    var isAlive: Bool { nghttp2_session_want_read(session) != 0 || nghttp2_session_want_write(session) != 0 }

    /// The highest stream that was begun.
    var lastStream: Int32 { nghttp2_session_get_last_proc_stream_id(session) }

    func isOpen(_ stream: HTTP2Stream) -> Bool { streams[stream.id] === stream }

    /// Takes bytes of the client's; false when they are not HTTP/2.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        nghttp2_session_mem_recv(session, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count) == bytes.count
    }

    /// Moves what is to be sent into the buffer, up to about so many bytes.
    func send(into buffer: inout [UInt8], atMost size: Int) {
        while buffer.count < size {
            var start: UnsafePointer<UInt8>?
            let count = nghttp2_session_mem_send(session, &start)
            guard count > 0 else { return }
            let frame = buffer.count
            buffer.append(contentsOf: UnsafeBufferPointer(start: start, count: count))
            revealLimit(in: &buffer, at: frame)
        }
    }

    /// Answers; the length is told where `length` is given, be it true or not.
    func answer(_ stream: HTTP2Stream, _ response: HTTPResponse, announcing length: Int? = nil) {
        text.removeAll(keepingCapacity: true)
        ranges.removeAll(keepingCapacity: true)
        add(":status", String(response.status))
        for field in response.headers.fields { add(field.name, field.value) }
        if let length { add("content-length", String(length)) }
        stream.response = response.body
        text.withUnsafeMutableBufferPointer { text in
            guard let base = text.baseAddress else { return }
            fields.removeAll(keepingCapacity: true)
            for range in ranges {
                fields.append(
                    nghttp2_nv(
                        name: base + range.name.lowerBound, value: base + range.value.lowerBound,
                        namelen: range.name.count, valuelen: range.value.count, flags: range.flags))
            }
            guard !response.body.isEmpty else {
                nghttp2_submit_response(session, stream.id, fields, fields.count, nil)
                return
            }
            var provider = nghttp2_data_provider()
            provider.source.ptr = Unmanaged.passUnretained(stream).toOpaque()
            provider.read_callback = Self.readBody
            nghttp2_submit_response(session, stream.id, fields, fields.count, &provider)
        }
        if let limit = limit.answered(response.status) { announce(limit) }
    }

    func lowerLimit(to streams: Int) {
        if let limit = limit.lower(to: streams) { announce(limit) }
    }

    func reset(_ stream: HTTP2Stream, _ code: UInt32) {
        nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, code)
    }

    /// Says that streams above `last` were not looked at and that no further ones will be.
    func goAway(last: Int32, debug: [UInt8]) {
        nghttp2_submit_goaway(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, NGHTTP2_NO_ERROR.rawValue, debug, debug.count)
    }

    private func add(_ name: String, _ value: String) {
        let start = text.count
        for byte in name.utf8 { text.append((0x41...0x5A).contains(byte) ? byte | 0x20 : byte) }
        let middle = text.count
        text.append(contentsOf: value.utf8)
        // An id that never comes again would only push others out of the table.
        let flags = name == "apns-id" ? NGHTTP2_NV_FLAG_NO_INDEX.rawValue : NGHTTP2_NV_FLAG_NONE.rawValue
        ranges.append((start..<middle, middle..<text.count, UInt8(flags)))
    }

    /// The first SETTINGS are those seen at Apple's servers.
    private func announce(_ limit: Int, first: Bool = false) {
        func entry(_ id: nghttp2_settings_id, _ value: Int) -> nghttp2_settings_entry {
            nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: UInt32(value))
        }
        var entries = [entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, Self.beyondReach | limit)]
        if first {
            entries += [
                entry(NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, 4_096), entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 65_535),
                entry(NGHTTP2_SETTINGS_MAX_FRAME_SIZE, 16_384), entry(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, 8_000),
            ]
        }
        nghttp2_submit_settings(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), entries, entries.count)
    }

    /// Turns the limit in a SETTINGS frame into the real one: its first entry, behind nine bytes of frame header.
    private func revealLimit(in buffer: inout [UInt8], at frame: Int) {
        let isSettings = buffer[frame + 3] == UInt8(NGHTTP2_SETTINGS.rawValue) && buffer.count >= frame + 15
        guard isSettings, buffer[frame + 10] == UInt8(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue) else { return }
        buffer[frame + 11] &= 0x3F
    }

    // MARK: What libnghttp2 calls

    private static func session(_ pointer: UnsafeMutableRawPointer?) -> HTTP2Session? {
        pointer.map { Unmanaged<HTTP2Session>.fromOpaque($0).takeUnretainedValue() }
    }

    private static let onBeginHeaders: nghttp2_on_begin_headers_callback = { raw, frame, pointer in
        guard let frame, let session = session(pointer), frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST else {
            return 0
        }
        let id = frame.pointee.hd.stream_id
        let open = session.streams.count
        if case .refused(let isViolation) = session.limit.admission(beside: open) {
            session.events.append(.refused(isViolation: isViolation))
            nghttp2_submit_rst_stream(raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, NGHTTP2_REFUSED_STREAM.rawValue)
            return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
        }
        session.streams[id] = HTTP2Stream(id: id, open: open + 1)
        return 0
    }

    private static let onHeader: nghttp2_on_header_callback = { _, frame, name, nameLength, value, length, _, pointer in
        guard let frame, frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST else { return 0 }  // trailers
        session(pointer)?.streams[frame.pointee.hd.stream_id]?.receive(
            UnsafeBufferPointer(start: name, count: nameLength), UnsafeBufferPointer(start: value, count: length))
        return 0
    }

    private static let onData: nghttp2_on_data_chunk_recv_callback = { _, _, id, bytes, count, pointer in
        session(pointer)?.streams[id]?.receive(UnsafeBufferPointer(start: bytes, count: count))
        return 0
    }

    private static let onFrame: nghttp2_on_frame_recv_callback = { _, frame, pointer in
        guard let header = frame?.pointee.hd, let session = session(pointer) else { return 0 }
        switch nghttp2_frame_type(UInt32(header.type)) {
        case NGHTTP2_SETTINGS:
            if UInt32(header.flags) & NGHTTP2_FLAG_ACK.rawValue != 0 { session.limit.acknowledge() }
        case NGHTTP2_HEADERS, NGHTTP2_DATA:
            guard let stream = session.streams[header.stream_id] else { return 0 }
            if header.type == NGHTTP2_HEADERS.rawValue, frame?.pointee.headers.cat == NGHTTP2_HCAT_REQUEST {
                session.events.append(.began(stream))
            }
            if UInt32(header.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0 { session.events.append(.whole(stream)) }
        default: break
        }
        return 0
    }

    private static let onClose: nghttp2_on_stream_close_callback = { _, id, _, pointer in
        session(pointer)?.streams[id] = nil
        return 0
    }

    private static let readBody: nghttp2_data_source_read_callback = { _, _, buffer, size, flags, source, _ in
        guard let buffer, let pointer = source?.pointee.ptr else { return 0 }
        let stream = Unmanaged<HTTP2Stream>.fromOpaque(pointer).takeUnretainedValue()
        let count = min(size, stream.response.count - stream.sent)
        stream.response.withUnsafeBufferPointer { body in
            if let base = body.baseAddress { buffer.update(from: base + stream.sent, count: count) }
        }
        stream.sent += count
        if stream.sent == stream.response.count { flags?.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue }
        return count
    }
}
