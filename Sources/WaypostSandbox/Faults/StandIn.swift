/// The providers that the sandbox stands in for.
package enum StandIn: String, CaseIterable, Sendable {
    case sendgrid, ses, smtp
    case twilio, messagebird

    /// Whether faults and journal speak of HTTP requests; of SMTP commands otherwise.
    var speaksHTTP: Bool { self != .smtp }
}
