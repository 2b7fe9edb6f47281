import Testing
import WaypostSandbox

/// A channel with its first provider and the one behind it, which are named as their stand-ins are.
struct Pair: Sendable, CustomTestStringConvertible {
    var channel: String
    var primary: StandIn
    var backup: StandIn

    static let all: [Pair] = [
        .init(channel: "email", primary: .sendgrid, backup: .ses),
        .init(channel: "sms", primary: .twilio, backup: .messagebird),
        .init(channel: "sms", primary: .messagebird, backup: .twilio),
        .init(channel: "whatsapp", primary: .twilio, backup: .messagebird),
        .init(channel: "whatsapp", primary: .messagebird, backup: .twilio),
        .init(channel: "voice", primary: .twilio, backup: .messagebird),
        .init(channel: "voice", primary: .messagebird, backup: .twilio),
        .init(channel: "push", primary: .fcm, backup: .apns),
        .init(channel: "push", primary: .apns, backup: .fcm),
    ]

    static let phones = all.filter { ["sms", "whatsapp", "voice"].contains($0.channel) }
    static let push = all.filter { $0.channel == "push" }

    var testDescription: String { "\(channel), \(primary) before \(backup)" }

    var setup: Setup { .routing([channel: [primary.rawValue, backup.rawValue]]) }

    /// A router whose providers have been asked how they are, so that no health check meets a fault that is for messages.
    func router(_ setup: Setup? = nil) throws -> Router {
        let router = try Router(setup ?? self.setup)
        try router.waitForHealth()
        return router
    }

    /// Like `twilio unavailable`.
    func first(_ outcome: String) -> String { "\(primary) \(outcome)" }
    /// The backup took it.
    var carried: String { "\(backup) accepted" }

    // MARK: What goes wrong at the primary

    /// It asks to be left alone for half a minute.
    var throttle: Fault.Effect {
        var answer = Fault.Answer(429)
        answer.retryAfter = 30
        // The usual reason at Apple's is about one device alone.
        if primary == .apns { answer.error = "TooManyProviderTokenUpdates" }
        return .status(answer)
    }

    /// Our credentials are refused.
    var rejection: Fault.Effect { .status(.init(primary == .apns ? 403 : 401)) }

    /// The message is refused for good.
    var refusal: Fault.Effect {
        switch primary {
        case .twilio: .status(answer(400, "21617"))
        case .messagebird: .status(answer(422, "10 body"))
        case .apns: .status(answer(400, "PayloadEmpty"))
        case .fcm:
            .status(
                answer(
                    400,
                    body: """
                        {"error":{"code":400,"status":"INVALID_ARGUMENT","message":"Invalid value.","details":[
                        {"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"INVALID_ARGUMENT"},
                        {"@type":"type.googleapis.com/google.rpc.BadRequest",
                        "fieldViolations":[{"field":"message.data","description":"Invalid value."}]}]}}
                        """))
        default: .status(.init(400))
        }
    }

    /// The telephone number is refused, and would be by anybody.
    var refusalOfRecipient: Fault.Effect {
        switch (primary, channel) {
        case (.twilio, "voice"): .status(answer(400, "21214"))
        case (.twilio, _): .status(answer(400, "21610"))
        default: .status(answer(422, "9 recipient"))
        }
    }

    /// Whether it was taken, nobody can tell: the fault, and whether the primary took it in truth.
    enum Doubt: CaseIterable, Sendable { case silence, strangeAnswer, reset }

    func effect(_ doubt: Doubt) -> (effect: Fault.Effect, isTaken: Bool) {
        switch (doubt, primary) {
        case (.silence, _): (.hang(.after), true)
        case (.reset, _): (.reset(.after), true)
        // Google and Apple say of their 500 that nothing was sent.
        case (.strangeAnswer, .fcm): (.status(.init(504)), false)
        case (.strangeAnswer, .apns): (.garbage(.text), true)
        case (.strangeAnswer, _): (.status(.init(500)), false)
        }
    }

    private func answer(_ status: Int, _ error: String? = nil, body: String? = nil) -> Fault.Answer {
        var answer = Fault.Answer(status)
        answer.error = error
        answer.body = body
        return answer
    }
}
