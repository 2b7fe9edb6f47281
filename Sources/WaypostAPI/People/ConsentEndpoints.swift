/// `/v1/consents`: the ledger of consent.
extension API {
    func putConsent(_ call: Call) -> Answer {
        .problem(Problem(.notFound, "This is not there yet."), call)
    }

    func readConsent(_ call: Call) -> Answer {
        .problem(Problem(.notFound, "This is not there yet."), call)
    }

    func deleteConsent(_ call: Call) -> Answer {
        .problem(Problem(.notFound, "This is not there yet."), call)
    }
}
