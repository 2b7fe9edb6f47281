import CMicrohttpd
import Glibc
import WaypostHTTP

extension RequestHead {
    /// Reads the header fields of a request in one pass, up to the first that is refused.
    init(of connection: OpaquePointer) {
        self.init()
        withUnsafeMutablePointer(to: &self) { head in
            _ = MHD_get_connection_values(
                connection, .HEADER_KIND,
                { head, _, name, value in
                    guard let head, let name else { return .NO }
                    let isWelcome = head.assumingMemoryBound(to: RequestHead.self).pointee.add(
                        name: UnsafeRawBufferPointer(start: name, count: strlen(name)),
                        value: UnsafeRawBufferPointer(start: value, count: value.map(strlen) ?? 0))
                    return isWelcome ? .YES : .NO
                }, head)
        }
    }
}

extension HTTPResponse {
    /// Hands the response to libmicrohttpd, which adds Content-Length and Date and drops the body after HEAD.
    ///
    /// A header it will not send (an empty value, a line break) is left out. The body is copied: measured, the copy is lost
    /// in the noise for what this server sends, and it spares keeping Swift's memory alive behind C's back.
    func queue(on connection: OpaquePointer, closing: Bool) -> MHD_Result {
        let raw = body.withUnsafeBytes {
            MHD_create_response_from_buffer(
                $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
        }
        guard let raw else { return .NO }
        defer { MHD_destroy_response(raw) }
        for field in headers.fields { MHD_add_response_header(raw, field.name, field.value) }
        if closing { MHD_add_response_header(raw, "Connection", "close") }
        return MHD_queue_response(connection, UInt32((200...599).contains(status) ? status : 500), raw)
    }
}
