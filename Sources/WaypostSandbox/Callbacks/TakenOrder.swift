import WaypostJSON

/// What a stand-in took, as far as its callbacks speak of it: the request as it was parsed for the check, so that nothing is
/// read twice and nothing is copied.
enum TakenOrder: Equatable, Sendable {
    /// The body of Mail Send, under that X-Message-Id.
    case sendGrid(JSONValue, id: String)
    /// The body of SendEmail with its recipients, under that MessageId.
    case ses(JSONValue, recipients: [String], id: String)
    /// The form of a message or a call, under that SID. `first` is the status of the answer, which is not called back.
    case twilio(FormFields, sid: String, first: String)
    /// The body of a text message, MMS or voice message, with its recipients' numbers without `+`.
    case messageBird(JSONValue, kind: MessageBirdTextCheck.Kind, numbers: [String], id: String)
    case messageBirdCall(JSONValue, id: String)
    case messageBirdConversation(JSONValue, id: String)
}
