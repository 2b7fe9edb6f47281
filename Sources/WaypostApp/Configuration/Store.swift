import WaypostConfiguration
import WaypostCrypto

extension Configuration {
    /// The section `store`.
    package struct Store: Sendable {
        /// Absolute.
        package var path: String
        package var synchronous: Synchronous
        /// Messages waiting; over it intake is refused.
        package var maxQueued: Int
        package var retention: Retention
        /// The first encrypts, all decrypt; empty: content is kept in the clear.
        package var encryptionKeys: [EncryptionKey]

        /// How soon a commit is on disk.
        package enum Synchronous: String, CaseIterable, Sendable {
            /// A 202 means on disk.
            case full
            /// A power failure may take the last moment.
            case normal
        }

        /// How long things are kept after they are over.
        package struct Retention: Equatable, Sendable {
            package var messages: Duration
            package var events: Duration
            package var audit: Duration
        }

        package struct EncryptionKey: Sendable {
            /// Written before what it encrypts, so that it is found again.
            package var id: String
            /// Base 64 of 32 bytes.
            package var key: Secret
        }

        init(reading section: inout SectionReader) {
            path = section.path("path") ?? FilePath.absolute("waypost.db", in: section.folder)
            synchronous = section.enumeration("synchronous", default: .full)
            maxQueued = section.integer("max_queued", default: 1_000_000, in: 1...1_000_000_000)
            var retention = section.sectionOrEmpty("retention")
            self.retention = Retention(reading: &retention)
            let keys = section.sectionList("encryption_keys") ?? []
            encryptionKeys = keys.compactMap { key in
                var key = key
                return EncryptionKey(reading: &key)
            }
            NotSupportedYet.encryption(section, keys: keys.count)
            section.finish()
        }
    }
}

extension Configuration.Store.Retention {
    fileprivate init(reading section: inout SectionReader) {
        let spans: ClosedRange<Duration> = .seconds(60) ... .century
        messages = section.duration("messages", default: .seconds(30 * 86_400), in: spans)
        events = section.duration("events", default: .seconds(30 * 86_400), in: spans)
        audit = section.duration("audit", default: .seconds(365 * 86_400), in: spans)
        section.finish()
    }
}

extension Configuration.Store.EncryptionKey {
    fileprivate init?(reading section: inout SectionReader) {
        let id = section.requiredString("id")
        let key = section.requiredSecret("key")
        section.finish()
        guard let id, let key else { return nil }
        guard Base64.decode(key.value)?.count == 32 else {
            section.complain("key", "is not base64 of 32 bytes", wayOut: "make one with: openssl rand -base64 32")
            return nil
        }
        self.init(id: id, key: key)
    }
}
