import WaypostCore

extension Failure {
    /// The person at the number has refused, or nobody can be reached there: why the number is left alone from now on.
    static func recipientRefused(_ detail: String, code: String?, _ reason: Suppression.Reason) -> Failure {
        var failure = Failure(.refusedRecipient, detail, scope: .endpoint, code: code)
        failure.suppression = reason
        return failure
    }
}
