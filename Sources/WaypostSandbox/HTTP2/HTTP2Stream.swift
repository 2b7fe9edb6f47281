import WaypostHTTP

/// One request on its way in, and its answer on its way out. A class, since callbacks touch it field by field; for the
/// connection's thread alone.
final class HTTP2Stream {
    /// Longer bodies are cut: every check refuses them by their size.
    static let maximumBody = 65_536

    let id: Int32
    /// Streams open on the connection when this one began, itself included.
    let open: Int
    var request = HTTPRequest(method: "", target: "")
    var fault: ActiveFault?
    /// Nothing more is to be done with it.
    var isAbandoned = false
    var response: [UInt8] = []
    var sent = 0

    init(id: Int32, open: Int) {
        self.id = id
        self.open = open
    }

    func receive(_ bytes: UnsafeBufferPointer<UInt8>) {
        let room = Self.maximumBody - request.body.count
        request.body.append(contentsOf: bytes.prefix(room))
    }

    func receive(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        let text = String(decoding: value, as: UTF8.self)
        guard name.first == UInt8(ascii: ":") else {
            return request.headers.add(String(decoding: name, as: UTF8.self), text)
        }
        switch String(decoding: name, as: UTF8.self) {
        case ":method": request.method = text
        case ":path": request.target = text
        case ":authority": request.headers.add("host", text)
        default: break
        }
    }
}
