/// `/v1/suppressions`: whom nobody writes to.
extension API {
    func listSuppressions(_ call: Call) -> Answer {
        .problem(Problem(.notFound, "This is not there yet."), call)
    }

    func putSuppression(_ call: Call) -> Answer {
        .problem(Problem(.notFound, "This is not there yet."), call)
    }

    func readSuppression(_ call: Call) -> Answer {
        .problem(Problem(.notFound, "This is not there yet."), call)
    }

    func deleteSuppression(_ call: Call) -> Answer {
        .problem(Problem(.notFound, "This is not there yet."), call)
    }
}
