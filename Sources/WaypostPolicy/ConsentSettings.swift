import WaypostCore

/// Which messages need a recorded consent: those of a type and on a channel named here.
package struct ConsentSettings: Equatable, Sendable {
    /// Empty: all, where channels are named.
    package var types: [MessageType]
    /// Empty: all, where types are named.
    package var channels: [Channel]

    package init(types: [MessageType] = [], channels: [Channel] = []) {
        self.types = types
        self.channels = channels
    }

    /// Settings that name nothing ask for nothing.
    package func isRequired(for type: MessageType, on channel: Channel) -> Bool {
        if types.isEmpty, channels.isEmpty { return false }
        return (types.isEmpty || types.contains(type)) && (channels.isEmpty || channels.contains(channel))
    }
}
