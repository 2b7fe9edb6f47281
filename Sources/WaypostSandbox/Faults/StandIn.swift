/// The providers that the sandbox stands in for.
package enum StandIn: String, CaseIterable, Sendable {
    case sendgrid, ses, smtp
    case twilio, messagebird
    case fcm, apns

    /// Those that carry email.
    package static let mail: [StandIn] = [.sendgrid, .ses, .smtp]

    /// Whether faults and journal speak of HTTP requests; of SMTP commands otherwise.
    var speaksHTTP: Bool { self != .smtp }

    /// Whether there are streams that faults can strike.
    var speaksHTTP2: Bool { self == .fcm || self == .apns }
}
