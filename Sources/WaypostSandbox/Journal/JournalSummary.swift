import WaypostJSON

extension Journal {
    /// One provider's share.
    package struct Counts: Equatable, Sendable {
        package var requests = 0
        /// Messages taken, repeated ones too.
        package var taken = 0
        package var answered = 0
        /// Connections that requests came on; beyond 100,000 they are no longer told apart.
        package var connections = 0
        /// HTTP/2: the most streams open at once on one connection.
        package var maximumStreams = 0
        /// HTTP/2: streams refused for being one too many.
        package var refusedStreams = 0
        /// Those among them whose client had acknowledged the limit.
        package var streamViolations = 0
    }

    /// All that arrived since the start or the last `clear()`.
    package struct Summary: Equatable, Sendable {
        package var providers: [StandIn: Counts] = [:]
        /// Different message ids among those taken.
        package var distinctMessages = 0
        /// Takes beyond the first of the same message for the same recipient.
        package var duplicates = 0
        /// The first hundred messages that were taken twice for a recipient.
        package var duplicateIDs: [String] = []
        /// Taken without a message id: they cannot be told apart.
        package var unnamed = 0
        /// Taken when the tables were full: not known to be first or repeated.
        package var unchecked = 0

        package init() {}
    }
}

extension Journal.Summary {
    /// As `GET /journal/summary` shows it.
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.object("providers") { json in
                for provider in StandIn.allCases {
                    let counts = providers[provider] ?? .init()
                    json.object(provider.rawValue) { json in
                        json.member("requests", counts.requests)
                        json.member("taken", counts.taken)
                        json.member("answered", counts.answered)
                        json.member("connections", counts.connections)
                        guard provider.speaksHTTP2 else { return }
                        json.member("max_streams", counts.maximumStreams)
                        json.member("refused_streams", counts.refusedStreams)
                        json.member("stream_violations", counts.streamViolations)
                    }
                }
            }
            json.member("distinct_messages", distinctMessages)
            json.member("duplicates", duplicates)
            json.array("duplicate_ids") { json in for id in duplicateIDs { json.element(id) } }
            json.member("unnamed", unnamed)
            json.member("unchecked", unchecked)
        }
    }
}
