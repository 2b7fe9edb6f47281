import WaypostCore

/// A body with its own headers (RFC 2045, RFC 2046): the tree that a message is made of.
///
/// All leaves travel as quoted-printable or base 64. In neither can `=_` occur, with which every boundary begins: no
/// boundary is ever found in a part, and nothing has to be searched.
indirect enum MIMEPart {
    case text(String, subtype: String)
    case file(Email.Attachment)
    /// `tag` makes the boundary the message's own.
    case multipart(String, tag: String, parts: [MIMEPart])

    /// text and HTML as alternatives, within what belongs to the HTML, within what is attached; each layer only where needed.
    init(_ email: Email, tag: String) {
        let inline = email.html == nil ? [] : email.attachments.filter { $0.inlineID != nil }
        let attached = email.attachments.filter { $0.inlineID == nil || email.html == nil }

        var part: MIMEPart
        switch (email.text, email.html) {
        case (let text?, let html?):
            part = .multipart(
                "alternative", tag: tag, parts: [.text(text, subtype: "plain"), .text(html, subtype: "html")])
        case (nil, let html?): part = .text(html, subtype: "html")
        case (let text, nil): part = .text(text ?? "", subtype: "plain")
        }
        if !inline.isEmpty { part = .multipart("related", tag: tag, parts: [part] + inline.map(MIMEPart.file)) }
        if !attached.isEmpty { part = .multipart("mixed", tag: tag, parts: [part] + attached.map(MIMEPart.file)) }
        self = part
    }

    /// Appends headers, an empty line and the body, without a line end after it.
    func append(to bytes: inout [UInt8]) {
        switch self {
        case .text(let text, let subtype):
            let encoding = TransferEncoding(for: text)
            appendHeaders(to: &bytes) { headers in
                headers.add("Content-Type", ["text/\(subtype);", "charset=utf-8"])
                headers.add("Content-Transfer-Encoding", encoding.rawValue)
            }
            encoding.append(text, to: &bytes)
        case .file(let file):
            appendHeaders(to: &bytes) { headers in
                headers.add("Content-Type", Self.type(of: file))
                headers.add("Content-Transfer-Encoding", "base64")
                headers.add(
                    "Content-Disposition",
                    [file.inlineID == nil ? "attachment;" : "inline;"] + MIMEParameter.tokens("filename", file.filename)
                )
                if let id = file.inlineID { headers.add("Content-ID", "<\(Self.plain(id))>") }
            }
            TransferEncoding.appendLines(ofBase64: file.base64, to: &bytes)
        case .multipart(let subtype, let tag, let parts):
            let boundary = "=_\(subtype)_\(tag)"
            appendHeaders(to: &bytes) { headers in
                headers.add(
                    "Content-Type", ["multipart/\(subtype);"] + related(subtype, parts) + ["boundary=\"\(boundary)\""])
            }
            // The line end before a boundary belongs to it (RFC 2046 section 5.1.1): a body ends exactly as it was given.
            for part in parts {
                bytes.append(contentsOf: "\r\n--\(boundary)\r\n".utf8)
                part.append(to: &bytes)
            }
            bytes.append(contentsOf: "\r\n--\(boundary)--".utf8)
        }
    }

    private func appendHeaders(to bytes: inout [UInt8], _ write: (inout HeaderWriter) -> Void) {
        var headers = HeaderWriter()
        write(&headers)
        bytes.append(contentsOf: headers.bytes)
        bytes.append(contentsOf: "\r\n".utf8)
    }

    /// RFC 2387 section 3.1 wants the root's type named.
    private func related(_ subtype: String, _ parts: [MIMEPart]) -> [String] {
        guard subtype == "related", let root = parts.first else { return [] }
        switch root {
        case .multipart(let inner, _, _): return ["type=\"multipart/\(inner)\";"]
        case .text(_, let inner): return ["type=\"text/\(inner)\";"]
        case .file: return []
        }
    }

    /// The client's type where it has the shape of one. Messages and multiparts may not be base 64 (RFC 2046 section 5), and
    /// a reader would take them apart: as files they are plain bytes.
    private static func type(of file: Email.Attachment) -> [String] {
        let parts = file.contentType.split(separator: ";", omittingEmptySubsequences: false)
            .map { plain($0.trimmingBlanks) }
        guard let type = parts.first?.lowercased(), isType(type), !type.hasPrefix("message/"),
            !type.hasPrefix("multipart/")
        else { return ["application/octet-stream"] }
        let tokens = parts.filter { !$0.isEmpty }
        return tokens.enumerated().map { $1 + ($0 < tokens.count - 1 ? ";" : "") }
    }

    private static func isType(_ text: String) -> Bool {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        return halves.count == 2
            && halves.allSatisfy { half in
                !half.isEmpty
                    && half.utf8.allSatisfy { byte in
                        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || "!#$&-^_.+".utf8.contains(byte)
                    }
            }
    }

    /// Printable ASCII without angle brackets; anything else goes.
    private static func plain(_ text: some StringProtocol) -> String {
        String(decoding: text.utf8.filter { (0x20...0x7E).contains($0) && $0 != 0x3C && $0 != 0x3E }, as: UTF8.self)
    }
}

extension Substring {
    fileprivate var trimmingBlanks: Substring {
        let start = drop { $0 == " " || $0 == "\t" }
        guard let end = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return start[...end]
    }
}
