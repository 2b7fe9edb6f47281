/// A call, and what is done once it is answered.
package struct Voice: Equatable, Sendable {
    package var to: PhoneNumber
    /// Overrides the provider's caller.
    package var from: String?
    package var script: Script
    package var record = false
    /// nil leaves the provider's own setting.
    package var recordingChannels: RecordingChannels?
    package var machineDetection: MachineDetection?
    /// The call goes on while it is found out who answered.
    package var asyncAMD = false
    /// How long it may ring; nil leaves the provider's own setting.
    package var timeout: Duration?

    package enum Script: Equatable, Sendable {
        /// Spoken to whoever answers; the language is a BCP 47 tag, nil: the provider's own.
        case say(text: String, language: String?)
        /// Where Twilio fetches what to do.
        case twimlURL(String)
        /// TwiML itself, at most 4,000 characters.
        case twiml(String)
    }

    package enum RecordingChannels: String, CaseIterable, Sendable { case mono, dual }

    package enum MachineDetection: String, CaseIterable, Sendable {
        /// Tells people from machines at once.
        case enable
        /// Waits for the end of the machine's greeting.
        case detectMessageEnd = "detect_message_end"
    }

    package init(to: PhoneNumber, script: Script) {
        self.to = to
        self.script = script
    }
}
