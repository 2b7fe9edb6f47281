import WaypostCore
import WaypostJSON

/// `content.attachments`: files in canonical base 64. Their size is bounded by `max_body`.
enum AttachmentFields {
    static let limit = 100
    /// Octets of a file name: what file systems and SES take.
    static let filenameBytes = 1...255
    static let defaultContentType = "application/octet-stream"

    static func read(_ reader: inout FieldReader) -> [Email.Attachment] {
        guard let value = reader.take("attachments") else { return [] }
        var attachments: [Email.Attachment] = []
        var inlineIDs: Set<String> = []
        reader.elements("attachments", of: value, count: 0...limit) { reader, step, element in
            let attachment = reader.fields(of: element, at: step) { reader -> Email.Attachment? in
                let filename = filename(&reader)
                let contentType = contentType(&reader)
                let content = content(&reader)
                let inlineID = inlineID(&reader, seen: &inlineIDs)
                guard let filename, let contentType, let content else { return nil }
                return .init(filename: filename, contentType: contentType, base64: content, inlineID: inlineID)
            }
            if let attachment { attachments.append(attachment) }
        }
        return attachments
    }

    private static func filename(_ reader: inout FieldReader) -> String? {
        guard let value = reader.require("filename"),
            let name = reader.line(value, at: .name("filename"), bytes: filenameBytes)
        else { return nil }
        // The receiver's machine must not be led out of the folder that it saves to.
        if name.utf8.contains(UInt8(ascii: "/")) || name.utf8.contains(UInt8(ascii: "\\")) || name == "."
            || name == ".."
        {
            reader.complain(.name("filename"), "must be a file's name without a path")
            return nil
        }
        return name
    }

    private static func contentType(_ reader: inout FieldReader) -> String? {
        guard reader.has("content_type") else {
            _ = reader.take("content_type")
            return defaultContentType
        }
        guard let text = reader.string("content_type") else { return nil }
        if !isMediaType(text) {
            reader.complain(.name("content_type"), "must be a type and a subtype like application/pdf")
        } else if text.lowercased().hasPrefix("multipart/") {
            // RFC 2045 section 6.4 allows no base 64 for it.
            reader.complain(.name("content_type"), "must not be multipart")
        } else {
            return text
        }
        return nil
    }

    /// `type/subtype` of RFC 6838 section 4.2, without parameters.
    private static func isMediaType(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return parts.count == 2
            && parts.allSatisfy { part in
                (1...127).contains(part.count)
                    && part.allSatisfy {
                        switch $0 {
                        case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, UInt8(ascii: "!"), UInt8(ascii: "#"),
                            UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "^"), UInt8(ascii: "_"),
                            UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"):
                            true
                        default: false
                        }
                    }
            }
    }

    private static func content(_ reader: inout FieldReader) -> String? {
        guard let value = reader.require("content"), let text = reader.string(value, at: .name("content")) else {
            return nil
        }
        if text.isEmpty {
            reader.complain(.name("content"), "must not be empty")
        } else if !CanonicalBase64.isValid(text) {
            reader.complain(
                .name("content"), "must be base 64 with its padding (RFC 4648 section 4), without line breaks")
        } else {
            return text
        }
        return nil
    }

    private static func inlineID(_ reader: inout FieldReader, seen: inout Set<String>) -> String? {
        guard let text = reader.string("inline_id") else { return nil }
        let isSafe =
            (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                switch $0 {
                case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
                    UInt8(ascii: "@"):
                    true
                default: false
                }
            }
        if !isSafe {
            reader.complain(.name("inline_id"), "must be 1 to 128 of A-Z, a-z, 0-9, ., _, - and @")
        } else if !seen.insert(text).inserted {
            reader.complain(.name("inline_id"), "stands twice")
        } else {
            return text
        }
        return nil
    }
}
